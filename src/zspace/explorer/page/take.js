// What is taken home: pictures, z-points, Python that repeats the image.
function takePart(parent, desk, ask) {
  made("p", "explain", parent, "Take home what is on the screen.")
  let scope = "now"
  choice(parent, "Of what", [
    ["now", "This image"], ["kept", "Kept images"], ["walk", "Walk"],
  ], (value) => (scope = value))
  const list = made("div", "files", parent)
  for (const [what, text, hint] of [
    ["png", "Images as PNG", "Pixel by pixel as they were decoded"],
    ["gif", "Images as GIF", "One after another"],
    ["json", "z-points as JSON", "zspace generate RUN --points decodes them again"],
    ["npz", "z-points as .npz", "For NumPy"],
    ["python", "Python", "Lines that give this image again"],
  ]) button(list, text, () => take(what, scope), {title: hint})
  button(list, "Map as PNG", saveMap, {title: "The map as it is drawn now"})
  const code = made("div", "code", parent)
  code.hidden = true
  const area = made("textarea", "", code)
  area.readOnly = true
  area.rows = 16
  area.setAttribute("aria-label", "Python that gives this image")
  const last = made("div", "actions", code)
  const copy = button(last, "Copy", async () => {
    area.select()
    try {
      await navigator.clipboard.writeText(area.value)
      copy.textContent = "Copied"
    } catch {
      copy.textContent = "Press Ctrl+C"
    }
    setTimeout(() => (copy.textContent = "Copy"), 2000)
  })

  function take(what, scope = "now", name = "") {
    ask({kind: "take", what, scope, name})
  }
  function save(name, blob) {
    const link = made("a", "", null)
    link.href = URL.createObjectURL(blob)
    link.download = name
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 10000)
  }
  function saveMap() {
    desk.maps.forEach((map, side) => {
      const layer = Bokeh.index.find_one(desk.owner.get_model_by_name(`map-${side}`)).export("png")
      const canvas = layer.canvas
      const whole = document.createElement("canvas")
      Object.assign(whole, {width: canvas.width, height: canvas.height})
      const context = whole.getContext("2d")
      context.fillStyle = getComputedStyle(desk.root).getPropertyValue("--zs-card")
      context.fillRect(0, 0, whole.width, whole.height)
      context.drawImage(canvas, 0, 0)
      whole.toBlob((blob) => save(`map-${desk.models[side].name}.png`, blob))
    })
  }
  return {
    take,
    file({name, media, data, what}) {
      if (what === "python") {
        code.hidden = false
        area.value = new TextDecoder().decode(data)
        return
      }
      save(name, new Blob([data], {type: media}))
    },
  }
}
