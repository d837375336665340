// What the maps show, and what a drag on them does.
function barPart(parent, desk, ask) {
  const bar = made("div", "bar", parent)
  let axes = [0, 1]
  let models = []

  const view = selection(bar, "Map", () => {
    pair[0].value = view.select.value === "axes" ? axes[0] : 1
    pair[1].value = view.select.value === "axes" ? axes[1] : 2
    look()
  })
  const plane = made("div", "pair", bar)
  const pair = ["across", "up"].map((word, at) => {
    const input = made("input", "", null)
    Object.assign(input, {type: "number", value: at + 1, min: 0, step: 1})
    labelled(plane, word, input)
    input.onchange = look
    return input
  })
  function look() {
    const name = view.select.value
    plane.hidden = !["pca", "axes"].includes(name)
    const first = name === "axes" ? 0 : 1
    for (const input of pair) input.min = first
    ask({kind: "view", name, one: Number(pair[0].value), other: Number(pair[1].value)})
  }
  const color = selection(bar, "Color", (name) => ask({kind: "color", name}))

  const search = made("input", "search", null)
  Object.assign(search, {type: "search", placeholder: "e.g. 12", inputMode: "numeric"})
  labelled(bar, "Image number", search)
  search.onkeydown = ({key}) => {
    if (key === "Enter" && search.value.trim()) ask({kind: "image", text: search.value})
  }

  const drag = made("div", "field", bar)
  made("span", "name", drag, "Drag")
  const mode = choice(drag, "What a drag does", [
    ["decode", "Decode", "A drag shows the images along its way"],
    ["pan", "Move", "A drag moves the map"],
    ["lasso", "Lasso", "A drag draws around points, to make a direction of them"],
  ], (value) => desk.setMode(value))

  const anchor = made("div", "field", bar)
  made("span", "name", anchor, "Other components")
  const held = choice(anchor, "Where a click takes all other components from", [
    ["mean", "Mean code", "A click sets two numbers; all others are those of the mean code"],
    ["now", "This point", "A click sets two numbers; all others are those of the present point"],
  ], (to) => ask({kind: "anchor", to}))

  const zooms = made("div", "field", bar)
  made("span", "name", zooms, "Zoom")
  const three = made("div", "choice", zooms)
  for (const [text, title, does] of [
    ["+", "Zoom in", (map) => map.zoom(0.7)],
    ["−", "Zoom out", (map) => map.zoom(1 / 0.7)],
    ["All", "Show all points", (map) => map.reset()],
  ]) button(three, text, () => desk.maps.forEach(does), {title})

  const maps = []
  function showView() {
    const {look, pair: [one, other]} = maps[0]
    const isPlane = ["pca", "axes"].includes(look)
    view.select.value = look
    if (isPlane) [pair[0].value, pair[1].value] = [one, other]
    for (const input of pair) input.min = look === "axes" ? 0 : 1
    plane.hidden = !isPlane
    anchor.hidden = !maps.some(({exact}) => exact)
  }
  function all(key) {
    const found = new Map()
    for (const model of models) for (const {name, title} of model[key]) found.set(name, title)
    return [...found]
  }
  return {
    press: (value) => mode.press(value),
    models({models: given, color: chosen}) {
      models = given
      axes = models[0].axes
      view.fill(all("maps"))
      color.fill(all("colors"))
      color.select.value = chosen
    },
    map(answer) {
      maps[answer.side] = answer
      if (maps[0]) showView()
    },
    // What was refused is not what is shown.
    problem: () => maps[0] && showView(),
    state({anchor: from}) {
      held.press(from === null ? "mean" : "now")
    },
  }
}
