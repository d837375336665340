// Random points, by each method of generation.
const METHOD_TEXTS = {
  prior: ["Prior", "From the distribution that the model was trained with"],
  normal: ["Normal", "N(0, I), times the factor"],
  uniform: ["Uniform", "From a cube; the factor is half its edge"],
  sphere: ["Sphere", "All as far from the origin: √size times the factor"],
  ellipsoid: ["Ellipsoid", "A normal distribution fitted to the codes, times the factor"],
  mixture: ["Mixture", "Several normal distributions fitted to the codes"],
  kernel: ["Kernel", "A code and a little noise: kernel density of the codes"],
}
function randomPart(parent, ask) {
  made("p", "explain", parent,
    "A random point of a plain autoencoder is often chaos; one of a variational autoencoder should be an image. Try each distribution.")
  const buttons = made("div", "methods", parent)
  let factor = 1
  const scale = sliderRow(made("div", "rows", parent), {
    title: "Factor", low: 0.25, high: 4, written: (value) => `× ${value.toFixed(2)}`,
    hint: "How far out normal, uniform, sphere and ellipsoid reach",
  }, (value) => (factor = value))
  scale.set(1)
  const counts = new Map()
  let last = null
  const again = button(parent, "Another one of the same", () => last && draw(last), {className: "wide"})
  again.disabled = true
  function draw(method) {
    last = method
    again.disabled = false
    const at = counts.get(method) ?? 0
    counts.set(method, at + 1)
    for (const one of buttons.children) one.setAttribute("aria-pressed", one.dataset.method === method)
    ask({kind: "random", method, at, scale: factor})
  }
  return {
    models({models}) {
      buttons.replaceChildren()
      const {methods} = models[0]
      const known = Object.keys(METHOD_TEXTS).filter((method) => methods.includes(method))
      for (const method of new Set([...known, ...methods])) {
        const [text, hint] = METHOD_TEXTS[method] ?? [method, ""]
        const one = button(buttons, text, () => draw(method), {title: hint})
        one.dataset.method = method
      }
    },
  }
}
