// Sliders of the point: radius, noise, sharpness, components and axes.
function slidersPart(parent, desk, ask) {
  const intro = made("p", "explain", parent)
  const general = made("div", "rows", parent)
  const noise = made("div", "noise", parent)
  const group = choice(parent, "Sliders of", [
    ["component", "Components", "Principal components, in which codes vary most first"],
    ["axis", "Axes", "Axes of the latent space, the most active first"],
  ], show)
  const rows = {component: made("div", "rows", parent), axis: made("div", "rows", parent)}
  let radius = null
  let sharpen = null
  let epsilon = null
  let again = null
  let draw = 1
  let moved = new Map()
  const states = []

  function show(which) {
    for (const [name, box] of Object.entries(rows)) box.hidden = name !== which
  }
  show("component")

  function build(model) {
    for (const box of [general, noise, rows.component, rows.axis]) box.replaceChildren()
    radius = sliderRow(general, {
      // At 0 no direction is left that a greater radius could go.
      title: "Radius", low: model.highest / 1000, high: model.highest,
      hint: "Distance from the origin, in the same direction",
    }, (value, along) => ask({kind: "radius", value, along}))
    sharpen = sliderRow(general, {
      title: "Sharpness", low: 0, high: 7, hint: "1 shows the image as it is decoded",
    }, (value, along) => ask({kind: "sharpen", value, along}))
    noise.hidden = !model.random
    epsilon = sliderRow(noise, {
      title: "Noise ε", low: 0, high: 4,
      hint: "Around a code: 0 is its mean, 1 a draw from its posterior as in training",
    }, (value, along) => ask({kind: "epsilon", value, draw, along}))
    again = button(noise, "↻", () => {
      draw += 1
      ask({kind: "epsilon", value: Number(epsilon.input.value) || 1, draw})
    }, {className: "small", title: "Other noise of the same size"})
    again.setAttribute("aria-label", "New draw")
    moved = new Map()
    for (const {name, low, high} of model.sliders) {
      const title = name[0].toUpperCase() + name.slice(1)
      const box = rows[name.split(" ")[0]]
      moved.set(name, sliderRow(box, {title, low, high},
        (value, along) => ask({kind: "slider", name, value, along})))
    }
    intro.textContent = "Each slider moves the point along one direction and leaves all others alone."
    if (desk.models.length > 1) {
      intro.textContent += ` The numbers are those of ${model.name}; click in a map to see the other's.`
    }
  }
  function follow() {
    const state = states[desk.side]
    if (!state) return
    radius.set(state.radius)
    sharpen.set(state.sharpen)
    epsilon.set(state.epsilon)
    const idle = state.row === null
    noise.dataset.idle = idle
    noise.title = idle ? "Around a code: click on a point of the map first" : ""
    epsilon.input.disabled = again.disabled = idle
    for (const [name, value] of Object.entries(state.values)) moved.get(name)?.set(value)
  }
  return {
    models({models}) {
      states.length = 0
      build(models[desk.side])
    },
    side() {
      build(desk.models[desk.side])
      follow()
    },
    state(answer) {
      states[answer.side] = answer
      if (answer.side === desk.side) follow()
    },
    problem() {
      if (radius) for (const row of [radius, sharpen, epsilon, ...moved.values()]) row.follow()
    },
  }
}
