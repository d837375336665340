// The strip of kept images.
function stripPart(parent, desk, ask) {
  const strip = made("section", "card strip", parent)
  strip.setAttribute("aria-label", "Kept images")
  button(strip, "Keep this image", () => ask({kind: "keep"}), {className: "keep"})
  const list = made("div", "kept", strip)
  const empty = made("p", "quiet", strip, "Images that you keep stand here; click on one to go back to it.")
  const pictures = new Map()
  const shown = []

  function build() {
    const first = shown[0] ?? []
    empty.hidden = first.length > 0
    list.replaceChildren()
    first.forEach((kept, at) => {
      const box = made("div", "one", list)
      const tile = button(box, "", () => ask({kind: "back", at}), {className: "tile", title: kept.text})
      tile.setAttribute("aria-label", `Go back to: ${kept.text}`)
      shown.forEach((side, which) => {
        const picture = side[at] && pictureOf(which, side[at].id)
        if (picture) paint(made("canvas", "", tile), picture)
      })
      const drop = button(box, "×", () => ask({kind: "drop", at}), {className: "drop", title: "Take it out"})
      drop.setAttribute("aria-label", `Take out: ${kept.text}`)
    })
  }
  function pictureOf(side, id) {
    return pictures.get(`${side} ${id}`)
  }
  return {
    pictureOf,
    strip(answer) {
      const fresh = parted(answer)
      answer.fresh.forEach((id, at) => pictures.set(`${answer.side} ${id}`, fresh[at]))
      shown[answer.side] = answer.kept
      if (answer.side === desk.maps.length - 1) build()
    },
  }
}
