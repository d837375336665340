// What a person does on the map becomes a question; what comes back is shown at once.
export function render({model, view, el}) {
  const stage = made("section", "stage", el)
  const canvas = made("canvas", "image", made("div", "frame", stage))
  canvas.setAttribute("role", "img")
  canvas.setAttribute("aria-label", "the image of the chosen point")
  const warning = made("p", "warning", stage)
  warning.setAttribute("role", "status")
  const source = made("p", "source", stage)
  const reading = made("p", "reading", stage)
  const nearTitle = made("h2", "", stage, "Nearest training images")
  const near = made("div", "near", stage)
  const problem = made("p", "problem", stage)
  problem.setAttribute("role", "alert")
  const peek = made("div", "peek", el)
  const peekImage = made("canvas", "", peek)
  const peekText = made("span", "", peek)

  const points = takingTurns((question) => model.send_msg(question))
  const glances = takingTurns((question) => model.send_msg(question))
  let place = null

  const show = {
    image(answer) {
      paint(canvas, answer)
      problem.textContent = ""
      if (answer.place) mark(answer.place)
      points.answered(answer.number)
    },
    told(answer) {
      source.textContent = answer.source
      reading.textContent = answer.text
      warning.textContent = answer.warning
      stage.dataset.off = answer.off
      nearTitle.hidden = !answer.near.rows.length
      showNear(answer.near)
    },
    glance(answer) {
      glances.answered(answer.number)
      peek.classList.toggle("seen", answer.row !== null)
      if (answer.row === null) return
      paint(peekImage, answer)
      peekText.textContent = answer.text
      peek.style.transform = `translate(${answer.at[0] + 16}px, ${answer.at[1] + 16}px)`
    },
    problem(answer) {
      problem.textContent = answer.text
      points.answered(answer.number)
      glances.answered(answer.number)
    },
  }
  model.on("msg:custom", (answer) => show[answer.kind]?.(answer))

  // All pictures come in one piece, as each piece of its own would be a message of its own.
  function showNear({rows, texts, pixels, width, height, channels}) {
    const size = width * height * channels
    while (near.children.length < rows.length) made("canvas", "", made("button", "tile", near))
    while (near.children.length > rows.length) near.lastChild.remove()
    rows.forEach((row, at) => {
      const button = near.children[at]
      button.title = texts[at]
      button.setAttribute("aria-label", texts[at])
      button.onclick = () => points.ask({kind: "row", row})
      const part = new Uint8Array(pixels, at * size, size)
      paint(button.firstChild, {pixels: part, width, height, channels})
    })
  }

  const owner = view.model.document
  const map = owner.get_model_by_name("map")
  const plot = () => Bokeh.index.find_one(map)
  const reach = () => (7 * (map.x_range.end - map.x_range.start)) / map.inner_width

  // A ring of the page's own: to move one of Bokeh's draws all points again, which may take longer
  // than all else from the click to its image.
  const ring = document.createElement("div")
  ring.className = "zspace-ring"
  ring.style.cssText = "position: absolute; left: -10px; top: -10px; width: 20px; height: 20px;" +
    "border: 3px solid #d55e00; border-radius: 50%; box-shadow: 0 0 0 2px #fff, inset 0 0 0 2px #fff;" +
    "box-sizing: border-box; pointer-events: none; z-index: 5; display: none"
  function put() {
    const shown = plot()
    if (!place || !shown) return
    const {left, top, width, height} = shown.frame.bbox
    const part = (value, range) => (value - range.start) / (range.end - range.start)
    const right = part(place[0], map.x_range)
    const up = part(place[1], map.y_range)
    const inside = right >= 0 && right <= 1 && up >= 0 && up <= 1
    ring.style.display = inside ? "block" : "none"
    ring.style.transform = `translate(${left + right * width}px, ${top + (1 - up) * height}px)`
    const parent = shown.shadow_el ?? shown.el
    if (ring.parentNode !== parent) parent.append(ring)
  }
  function mark(at) {
    place = at
    put()
  }
  for (const range of [map.x_range, map.y_range]) range.change.connect(put)
  map.properties.inner_width.change.connect(put)

  function go(event, phase) {
    if (!Number.isFinite(event.x) || !Number.isFinite(event.y)) return
    mark([event.x, event.y])
    points.ask({kind: "place", x: event.x, y: event.y, within: reach(), phase})
  }
  // The second of two quick clicks is a doubletap alone, and a slow one a press.
  for (const kind of ["tap", "doubletap", "press"]) map.on_event(kind, (event) => go(event, "tap"))
  const decodes = () => map.toolbar.gestures.pan.active == null
  let dragging = false
  map.on_event("panstart", (event) => {
    dragging = decodes()
    if (dragging) go(event, "start")
  })
  map.on_event("pan", (event) => dragging && go(event, "move"))
  map.on_event("panend", (event) => {
    if (dragging) go(event, "end")
    dragging = false
  })

  let latest = 0
  map.on_event("mousemove", (event) => {
    if (dragging) return
    const now = performance.now()
    if (now - latest < 40) return
    latest = now
    const box = plot().el.getBoundingClientRect()
    const at = [box.left + event.sx, box.top + event.sy]
    glances.ask({kind: "glance", x: event.x, y: event.y, within: reach(), at})
  })
  map.on_event("mouseleave", () => peek.classList.remove("seen"))

  const steps = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1]}
  const keys = (event) => {
    const inField = event.composedPath()[0]?.matches?.("input, select, textarea, [role=slider]")
    if (inField) return
    const command = event.ctrlKey || event.metaKey
    if (command && ["z", "y"].includes(event.key.toLowerCase())) {
      event.preventDefault()
      const back = event.key.toLowerCase() === "z" && !event.shiftKey
      points.ask({kind: back ? "undo" : "redo"})
    } else if (steps[event.key] && place && !command) {
      event.preventDefault()
      const [right, up] = steps[event.key]
      const x = place[0] + (right * (map.x_range.end - map.x_range.start)) / 60
      const y = place[1] + (up * (map.y_range.end - map.y_range.start)) / 60
      go({x, y}, "tap")
    }
  }
  document.addEventListener("keydown", keys)
  model.on("remove", () => document.removeEventListener("keydown", keys))

  function dress() {
    const look = getComputedStyle(document.documentElement)
    const ink = look.getPropertyValue("--zs-quiet").trim() || "#5b636d"
    const line = look.getPropertyValue("--zs-line").trim() || "#e2e6ea"
    for (const axis of [...map.below, ...map.left]) {
      axis.setv(
        {axis_label_text_color: ink, major_label_text_color: ink, axis_line_color: line},
        {sync: false},
      )
    }
    for (const grid of map.center) grid.setv({grid_line_color: line}, {sync: false})
  }
  dress()
  new MutationObserver(dress).observe(document.documentElement, {attributeFilter: ["data-theme"]})

  points.ask({kind: "begin"})
}
