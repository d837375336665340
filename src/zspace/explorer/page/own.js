// An image of the visitor's own: chosen or dropped, sent, encoded.
function ownPart(parent, desk, ask) {
  made("p", "explain", parent,
    "Choose an image, or drop one anywhere on this page: it is encoded, shown on the map and decoded again. It stays in memory and is not saved.")
  const chosen = made("input", "", null)
  Object.assign(chosen, {type: "file", accept: "image/*"})
  const label = labelled(parent, "Image", chosen)
  label.classList.add("upload")
  const result = made("div", "own", parent)
  let most = 0
  let open = false
  chosen.onchange = () => {
    if (chosen.files[0]) send(chosen.files[0])
    chosen.value = ""
  }
  async function send(file) {
    if (!open) return desk.problem("This model takes no images: what its images went through is not known.")
    const size = file.size / 2 ** 20
    if (file.size > most) {
      return desk.problem(`This file has ${size.toFixed(1)} MiB, at most ${most / 2 ** 20} are taken; choose a smaller image.`)
    }
    try {
      ask({kind: "upload", data: await file.arrayBuffer()})
    } catch {
      desk.problem("This file cannot be read; choose another one.")
    }
  }
  const root = desk.root
  root.addEventListener("dragover", (event) => {
    event.preventDefault()
    root.dataset.drop = true
  })
  root.addEventListener("dragleave", () => delete root.dataset.drop)
  root.addEventListener("drop", (event) => {
    event.preventDefault()
    delete root.dataset.drop
    const file = event.dataTransfer?.files[0]
    desk.openTool("own")
    if (file) send(file)
    else desk.problem("An image file was expected; save the image first, and drop its file here.")
  })
  return {
    models({models}) {
      most = models[0].most
      open = models.every((model) => model.uploads)
    },
    uploaded(answer) {
      while (result.children.length <= answer.side) {
        const row = made("div", "both", result)
        for (const text of ["as the model sees it", "decoded again"]) {
          const one = made("figure", "", row)
          made("canvas", "", one)
          made("figcaption", "quiet", one, text)
        }
      }
      const row = result.children[answer.side]
      parted(answer).forEach((picture, at) => paint(row.children[at].firstChild, picture))
      if (desk.models.length > 1) row.children[1].lastChild.textContent = desk.models[answer.side].name
    },
  }
}
