// Sliders of directions: those saved with the run, and new ones of two lassos.
function directionsPart(parent, desk, ask, take) {
  const explain = made("p", "explain", parent)
  const rows = made("div", "rows", parent)
  const notes = made("p", "quiet", parent)
  made("h2", "", parent, "A new direction")
  made("p", "explain", parent,
    "Draw a lasso around codes that have something, and a second one around codes that lack it; without a second one, all others lack it.")
  const slots = choice(parent, "The next lasso", [["0", "With: –"], ["1", "Without: all others"]], (which) => {
    desk.which = Number(which)
    desk.setMode("lasso")
  })
  const form = made("form", "learn", parent)
  const name = made("input", "", null)
  Object.assign(name, {placeholder: "e.g. smile", maxLength: 60, required: true})
  labelled(form, "Name", name)
  const method = selection(form, "By", () => {})
  method.label.title = "The difference of both means, or what a logistic regression tells them apart by"
  method.fill([["mean", "Means"], ["logistic", "Logistic"]])
  const last = made("div", "actions", parent)
  const make = button(last, "Make the direction", () => form.requestSubmit())
  button(last, "Clear lassos", () => ask({kind: "clear"}))
  form.onsubmit = (event) => {
    event.preventDefault()
    ask({kind: "learn", name: name.value, method: method.select.value})
  }
  make.disabled = true
  let sliders = new Map()
  const states = []
  const own = new Set()

  function build(names) {
    rows.replaceChildren()
    sliders = new Map()
    explain.textContent = names.length
      ? "Factor 1 moves the point by the difference that was found between images with and without."
      : "No directions are saved with this run yet; make one here, or with: zspace attribute find."
    for (const each of names) {
      const line = made("div", "line", rows)
      const row = sliderRow(line, {title: each.replaceAll("_", " "), low: -3, high: 3},
        (value, along) => ask({kind: "direction", name: each, value, along}))
      sliders.set(each, row)
      if (own.has(each)) button(line, "Save", () => take("direction", "", each), {className: "small", title: "Save as a file for the run's folder directions/"})
    }
    follow()
  }
  function follow() {
    const factors = states[desk.side]?.factors ?? {}
    for (const [each, row] of sliders) row.set(factors[each] ?? 0)
  }
  return {
    side: follow,
    models({models}) {
      states.length = 0
      build([...new Set(models.flatMap((model) => model.directions))])
      notes.textContent = [...new Set(models.flatMap((model) => model.notes))].join("; ")
    },
    directions({names, made: latest}) {
      own.add(latest)
      name.value = ""
      build(names)
    },
    state(answer) {
      states[answer.side] = answer
      if (answer.side === desk.side) follow()
    },
    problem() {
      for (const row of sliders.values()) row.follow()
    },
    lasso({counts, which, outline, side}) {
      const text = (count, none) => (count === null ? none : count.toLocaleString("en"))
      const [one, other] = slots.box.children
      one.textContent = `With: ${text(counts[0], "–")}`
      other.textContent = `Without: ${text(counts[1], "all others")}`
      make.disabled = !counts[0]
      if (outline === undefined) {
        desk.maps.forEach((map) => map.forget())
        desk.which = 0
      } else {
        desk.maps[side].outline(which, outline)
        desk.which = 1 - which
      }
      slots.press(String(desk.which))
    },
  }
}
