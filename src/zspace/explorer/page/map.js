// One model's map: what a person does on it becomes a question, and what is known of places is
// drawn over it. The layer is the page's own: to move a marker of Bokeh's draws all points again,
// which may take longer than all else from the click to its image.
function mapPart(desk, owner, side, ask, glance) {
  const map = owner.get_model_by_name(`map-${side}`)
  const plot = () => Bokeh.index.find_one(map)
  const reach = () => ({
    within: (7 * (map.x_range.end - map.x_range.start)) / map.inner_width,
    upward: (7 * (map.y_range.end - map.y_range.start)) / map.inner_height,
  })
  const svg = (tag, className, parent) => {
    const found = document.createElementNS("http://www.w3.org/2000/svg", tag)
    found.setAttribute("class", className)
    if (parent) parent.append(found)
    return found
  }

  const layer = svg("svg", "layer")
  layer.setAttribute("aria-hidden", "true")
  layer.style.cssText = "position: absolute; pointer-events: none; z-index: 5; overflow: hidden"
  const look = svg("style", "", layer)
  look.textContent = `
    .path { fill: none; stroke: var(--zs-accent); stroke-width: 2.5; stroke-linejoin: round }
    .outline { fill: var(--zs-accent); fill-opacity: 0.1; stroke: var(--zs-accent); stroke-width: 1.5 }
    .outline.without { stroke-dasharray: 5 4 }
    .pin circle { fill: var(--zs-card); stroke: var(--zs-accent); stroke-width: 2.5 }
    .pin text { fill: var(--zs-ink); font: 700 11px var(--font-family); text-anchor: middle }
    .ring .outer { fill: none; stroke: #fff; stroke-width: 7 }
    .ring .inner { fill: none; stroke: #d55e00; stroke-width: 3 }`
  const outlines = ["with", "without"].map((name) => svg("polygon", `outline ${name}`, layer))
  const path = svg("polyline", "path", layer)
  const pins = ["A", "B"].map((name) => {
    const group = svg("g", "pin", layer)
    svg("circle", "", group).setAttribute("r", 9)
    const text = svg("text", "", group)
    text.setAttribute("y", 4)
    text.textContent = name
    return group
  })
  const ring = svg("g", "ring", layer)
  for (const name of ["outer", "inner"]) svg("circle", name, ring).setAttribute("r", 9)

  // Bokeh lets a finger scroll the page, and draws a frame of its own around what was clicked.
  const quiet = document.createElement("style")
  quiet.textContent = ".bk-events { touch-action: none !important; outline: none !important }"

  const known = {place: null, sure: null, pins: [null, null], path: [], outlines: [[], []]}
  function put() {
    const shown = plot()
    if (!shown?.frame?.bbox) return
    const {left, top, width, height} = shown.frame.bbox
    Object.assign(layer.style, {
      left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px`,
    })
    const part = (value, range) => (value - range.start) / (range.end - range.start)
    const at = ([x, y]) => [width * part(x, map.x_range), height * (1 - part(y, map.y_range))]
    const line = (places) => places.map((each) => at(each).map((one) => one.toFixed(1)).join()).join(" ")
    const stand = (group, where) => {
      group.style.display = where ? "" : "none"
      if (where) group.setAttribute("transform", `translate(${at(where).join()})`)
    }
    stand(ring, known.place)
    pins.forEach((group, which) => stand(group, known.pins[which]))
    path.setAttribute("points", line(known.path))
    outlines.forEach((outline, which) => outline.setAttribute("points", line(known.outlines[which])))
    const parent = shown.shadow_el ?? shown.el
    if (layer.parentNode !== parent) parent.append(layer)
    const canvas = shown.canvas_view
    if (quiet.parentNode !== canvas.shadow_el) canvas.shadow_el.append(quiet)
    canvas.events_el.tabIndex = -1
  }

  // Very many points are drawn whole only while the map stands still.
  const renderer = (name) => map.renderers.find((each) => each.name === name)
  let moving = 0
  function move() {
    put()
    const all = renderer("all")
    const count = all.data_source.data.x?.length ?? 0
    if (count < 40000) return
    if (!moving) {
      all.setv({visible: false}, {sync: false})
      renderer("some").setv({visible: true}, {sync: false})
    }
    clearTimeout(moving)
    moving = setTimeout(() => {
      moving = 0
      renderer("some").setv({visible: false}, {sync: false})
      all.setv({visible: true}, {sync: false})
    }, 250)
  }
  for (const range of [map.x_range, map.y_range]) range.change.connect(move)
  for (const name of ["inner_width", "inner_height"]) map.properties[name].change.connect(put)

  function go(event, phase) {
    if (!Number.isFinite(event.x) || !Number.isFinite(event.y)) return
    desk.side = side
    over = null
    known.place = [event.x, event.y]
    put()
    const along = phase === "move" || phase === "end"
    ask({kind: "place", side, x: event.x, y: event.y, ...reach(), phase, along})
  }
  // The second of two quick clicks is a doubletap alone, and a slow one a press.
  for (const kind of ["tap", "doubletap", "press"]) map.on_event(kind, (event) => go(event, "tap"))
  let dragging = ""
  let corners = []
  map.on_event("panstart", (event) => {
    dragging = desk.mode
    desk.hidePeek()
    if (dragging === "decode") go(event, "start")
    corners = [[event.x, event.y]]
  })
  map.on_event("pan", (event) => {
    if (dragging === "decode") go(event, "move")
    if (dragging !== "lasso" || !Number.isFinite(event.x)) return
    const {within, upward} = reach()
    const [x, y] = corners.at(-1)
    if (Math.hypot((event.x - x) / within, (event.y - y) / upward) < 0.5) return
    corners.push([event.x, event.y])
    known.outlines[desk.which] = corners
    put()
  })
  map.on_event("panend", (event) => {
    if (dragging === "decode") go(event, "end")
    if (dragging === "lasso" && corners.length > 2) {
      desk.side = side
      ask({kind: "lasso", side, which: desk.which, outline: corners})
    }
    dragging = ""
  })

  // So many times a second at most, always where the pointer came to rest, and never just ahead of
  // a click, whose image would have to wait for it.
  let over = null
  let resting = 0
  function peek() {
    resting = 0
    if (over) glance({kind: "glance", side, ...over, ...reach(), along: true})
    over = null
  }
  map.on_event("mousemove", ({x, y, sx, sy}) => {
    if (dragging) return
    const box = plot().el.getBoundingClientRect()
    desk.peekAt = [box.left + sx, box.top + sy]
    over = {x, y}
    if (!resting) resting = setTimeout(peek, 40)
  })
  map.on_event("mouseleave", () => {
    over = null
    desk.hidePeek()
  })

  function dress() {
    const style = getComputedStyle(desk.root)
    const ink = style.getPropertyValue("--zs-quiet").trim()
    const line = style.getPropertyValue("--zs-line").trim()
    for (const axis of [...map.below, ...map.left]) {
      axis.setv(
        {axis_label_text_color: ink, major_label_text_color: ink, axis_line_color: line,
         major_tick_line_color: line},
        {sync: false},
      )
    }
    for (const grid of map.center) grid.setv({grid_line_color: line}, {sync: false})
    const alpha = desk.isDark() ? 0.8 : 0.55
    for (const name of ["all", "some"]) renderer(name).glyph.setv({fill_alpha: alpha}, {sync: false})
  }

  function zoom(factor) {
    for (const range of [map.x_range, map.y_range]) {
      const middle = (range.start + range.end) / 2
      const half = ((range.end - range.start) / 2) * factor
      range.setv({start: middle - half, end: middle + half})
    }
  }

  return {
    dress, zoom,
    settle: put,
    reset: () => plot().reset(),
    pan: (is) => {
      const tool = map.toolbar.tools.find((each) => each.name === `pan-map-${side}`)
      if (tool) tool.active = is
    },
    step(right, up, isHeld) {
      if (!known.place) return
      const x = known.place[0] + (right * (map.x_range.end - map.x_range.start)) / 60
      const y = known.place[1] + (up * (map.y_range.end - map.y_range.start)) / 60
      go({x, y}, isHeld ? "move" : "start")
    },
    mark(place) {
      known.place = known.sure = place
      put()
    },
    // What was refused is not where the point is.
    unmark() {
      known.place = known.sure
      put()
    },
    pins(places) {
      known.pins = places
      put()
    },
    path(places) {
      known.path = places
      put()
    },
    outline(which, corners) {
      known.outlines[which] = corners
      put()
    },
    forget() {
      known.outlines = [[], []]
      put()
    },
  }
}
