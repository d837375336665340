// Sliders that ask while they move and follow when the point changes otherwise.
export function render({model, el}) {
  const box = made("section", "sliders", el)
  const turns = takingTurns((question) => model.send_msg(question))
  const rows = new Map()

  function row({name, title, low, high, value}) {
    const label = made("label", "", box)
    const head = made("span", "name", label, title)
    const input = made("input", "", label)
    Object.assign(input, {type: "range", min: low, max: high, step: "any", value})
    const number = made("output", "", label)
    const tell = () => (number.textContent = (Math.round(100 * input.value) / 100 + 0).toFixed(2))
    input.setAttribute("aria-label", title)
    let held = false
    input.oninput = () => {
      tell()
      turns.ask({kind: "slider", name, value: Number(input.value), begins: !held})
      held = true
    }
    input.onchange = () => (held = false)
    tell()
    rows.set(name, {input, tell, head, isHeld: () => held})
  }
  model.handles.forEach(row)

  model.on("msg:custom", (answer) => {
    if (answer.number !== undefined) turns.answered(answer.number)
    for (const [name, value] of Object.entries(answer.values ?? {})) {
      const found = rows.get(name)
      if (!found || found.isHeld()) continue
      found.input.value = value
      found.tell()
    }
  })
}
