// The image of one model's point, and what is known of it.
function stagePart(parent, desk, side, ask) {
  const stage = made("section", "card stage", parent)
  stage.setAttribute("aria-label", "The chosen point")
  const frame = made("div", "frame", stage)
  const canvas = made("canvas", "image", frame)
  canvas.setAttribute("role", "img")
  canvas.setAttribute("aria-label", "the image of the chosen point")
  const told = made("div", "about", stage)
  const name = made("p", "model", told)
  const source = made("p", "source", told)
  const warning = made("p", "warning", told)
  warning.setAttribute("role", "status")
  const reading = made("p", "reading", told)
  const brief = made("p", "brief quiet", told)
  const around = made("div", "around", stage)
  const title = made("h2", "", around, "Nearest training images")
  const near = made("div", "near", around)

  return {
    models({models}) {
      name.textContent = models[side].name
      name.hidden = models.length < 2
      title.textContent = models[side].split === "train"
        ? "Nearest training images" : `Nearest ${models[side].split} images`
    },
    image(answer) {
      paint(canvas, answer)
    },
    told(answer) {
      source.textContent = answer.source
      reading.textContent = answer.text
      brief.textContent = answer.brief
      warning.textContent = answer.warning
      stage.dataset.off = answer.off
      around.hidden = !answer.near.rows.length
      const {rows, texts} = answer.near
      const pictures = parted(answer.near)
      while (near.children.length < rows.length) made("canvas", "", button(near, "", null, {className: "tile"}))
      while (near.children.length > rows.length) near.lastChild.remove()
      rows.forEach((row, at) => {
        const tile = near.children[at]
        tile.title = texts[at]
        tile.setAttribute("aria-label", texts[at])
        tile.onclick = () => {
          desk.side = side
          ask({kind: "row", side, row})
        }
        paint(tile.firstChild, pictures[at])
      })
    },
  }
}
