// One question at a time is under way. Of the questions of a drag only the latest waits, so that a
// drag never queues up behind itself; all others are asked in their order. An answer that never
// comes is given up after some seconds.
function takingTurns(send, name, patience = 4000) {
  const waiting = []
  let asked = 0
  let count = 0
  let busy = false
  const next = () => {
    const question = waiting.shift()
    if (question === undefined) return
    busy = true
    asked = performance.now()
    count += 1
    send({...question, number: `${name} ${count}`})
  }
  return {
    ask(question) {
      const last = waiting.at(-1)
      if (question.along && last?.along && last.kind === question.kind) waiting.pop()
      waiting.push(question)
      if (!busy || performance.now() - asked > patience) next()
    },
    restart() {
      waiting.length = 0
      busy = false
    },
    answered(number) {
      if (number !== `${name} ${count}`) return
      busy = false
      next()
    },
  }
}

// Raw pixels on a canvas: no PNG to make on one side and to read, one frame later, on the other.
function paint(canvas, {pixels, width, height, channels}) {
  const given = pixels instanceof Uint8Array ? pixels : new Uint8Array(pixels)
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  const context = canvas.getContext("2d")
  const image = context.createImageData(width, height)
  for (let from = 0, to = 0; to < image.data.length; from += channels, to += 4) {
    image.data[to] = given[from]
    image.data[to + 1] = given[from + (channels > 2 ? 1 : 0)]
    image.data[to + 2] = given[from + (channels > 2 ? 2 : 0)]
    image.data[to + 3] = 255
  }
  context.putImageData(image, 0, 0)
}

// Several pictures that came in one piece, as a list of what `paint` takes.
function parted({pixels, width, height, channels}) {
  const size = width * height * channels
  const count = pixels ? pixels.byteLength / size : 0
  return Array.from({length: count}, (_, at) => (
    {pixels: new Uint8Array(pixels, at * size, size), width, height, channels}
  ))
}

function made(tag, className, parent, text = "") {
  const found = document.createElement(tag)
  found.className = className
  found.textContent = text
  if (parent) parent.append(found)
  return found
}

function button(parent, text, does, {className = "", title = ""} = {}) {
  const found = made("button", className, parent, text)
  found.type = "button"
  if (title) found.title = title
  found.onclick = does
  return found
}

// Buttons of which one is pressed.
function choice(parent, title, options, does) {
  const box = made("div", "choice", parent)
  box.setAttribute("role", "group")
  box.setAttribute("aria-label", title)
  const buttons = options.map(([value, text, hint = ""]) => {
    const one = button(box, text, () => {
      press(value)
      does(value)
    }, {title: hint})
    one.dataset.value = value
    return one
  })
  function press(value) {
    for (const one of buttons) one.setAttribute("aria-pressed", one.dataset.value === value)
  }
  press(options[0][0])
  return {box, press}
}

function labelled(parent, title, input) {
  const label = made("label", "field", parent)
  made("span", "name", label, title)
  label.append(input)
  return label
}

function selection(parent, title, does) {
  const select = made("select", "", null)
  const label = labelled(parent, title, select)
  select.onchange = () => does(select.value)
  return {
    select, label,
    fill(options) {
      const before = select.value
      select.replaceChildren(...options.map(([value, text]) => {
        const option = made("option", "", null, text)
        option.value = value
        return option
      }))
      if (options.some(([value]) => value === before)) select.value = before
    },
  }
}

// A slider that asks while it moves, and follows when the point changes otherwise, or does not
// change though it was asked to.
function sliderRow(parent, {title, low, high, hint = "", written = (value) => value.toFixed(2)}, ask) {
  const label = made("label", "slider", parent)
  label.title = hint || title
  made("span", "name", label, title)
  const input = made("input", "", label)
  Object.assign(input, {type: "range", min: low, max: high, step: "any", value: low})
  input.setAttribute("aria-label", title)
  const number = made("output", "", label)
  let held = false
  let known = low
  const tell = (value) => (number.textContent = written(Math.round(100 * value) / 100 + 0))
  // A point may lie beyond the ends of a slider: the number tells where.
  const follow = () => {
    input.value = known
    tell(known)
  }
  input.oninput = () => {
    tell(Number(input.value))
    ask(Number(input.value), held)
    held = true
  }
  // A drag that ends where it began is no change.
  for (const name of ["change", "pointerup", "pointercancel", "blur"]) {
    input.addEventListener(name, () => (held = false))
  }
  follow()
  return {
    label, input, follow,
    set(value) {
      known = value
      if (!held) follow()
    },
  }
}
