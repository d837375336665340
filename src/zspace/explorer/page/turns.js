// One question at a time is under way; of those asked meanwhile only the latest is kept, so that a
// drag never queues up behind itself. An answer that never comes is given up after some seconds.
function takingTurns(send, patience = 4000) {
  let waiting = null
  let asked = 0
  let number = 0
  let busy = false
  const next = () => {
    if (waiting === null) return
    const question = waiting
    waiting = null
    busy = true
    asked = performance.now()
    number += 1
    send({...question, number})
  }
  return {
    ask(question) {
      waiting = question
      if (!busy || performance.now() - asked > patience) next()
    },
    answered(answer) {
      if (answer !== number) return
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

function made(tag, className, parent, text = "") {
  const found = document.createElement(tag)
  found.className = className
  found.textContent = text
  if (parent) parent.append(found)
  return found
}
