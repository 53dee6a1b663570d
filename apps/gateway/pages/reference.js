// What the reference page can do more with JavaScript: search, copy, and the theme chosen in the control center.

const theme = localStorage.getItem('gatehouse.theme')
if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme

const field = document.querySelector('#search')
const found = document.querySelector('#found')
const sections = [...document.querySelectorAll('main > section')]
const operations = [...document.querySelectorAll('article[data-operation]')].map((article) => ({
  article,
  link: document.querySelector(`nav li[data-operation="${CSS.escape(article.id)}"]`),
  text: `${article.id} ${spelledOut(article.id)} ${article.textContent}`.toLowerCase(),
  name: `${article.id} ${spelledOut(article.id)}`.toLowerCase(),
}))

document.querySelector('form[role="search"]').hidden = false
field.addEventListener('input', search)
document.addEventListener('keydown', onKey)
field.form.addEventListener('submit', (event) => {
  event.preventDefault()
  const first = best()
  if (first !== undefined) location.hash = first.article.id
})
addCopyButtons()
search()

/** `sshHost.register` → `ssh host register`. */
function spelledOut(name) {
  return name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll('.', ' ')
}

function wanted() {
  return field.value
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
}

/** Shows what holds every word. */
function search() {
  const words = wanted()
  let count = 0
  for (const { article, link, text } of operations) {
    const isFound = words.every((word) => text.includes(word))
    article.hidden = !isFound
    if (link !== null) link.hidden = !isFound
    if (isFound) count += 1
  }
  for (const section of sections) {
    const own = [...section.querySelectorAll('article[data-operation]')]
    section.hidden = words.length > 0 && own.every((article) => article.hidden)
  }
  const amount = count === 1 ? '1 operation' : `${count} operations`
  found.textContent = words.length === 0 ? '' : amount
}

/** An operation that has the words in its name comes before one that only speaks of them. */
function best() {
  const words = wanted()
  const shown = operations.filter(({ article }) => !article.hidden)
  return shown.find(({ name }) => words.every((word) => name.includes(word))) ?? shown[0]
}

function onKey(event) {
  const isTyping = event.target instanceof HTMLInputElement
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault()
    field.focus()
    field.select()
  }
  if (event.key === 'Escape' && field.value !== '') {
    field.value = ''
    search()
  }
}

function addCopyButtons() {
  if (navigator.clipboard === undefined) return // plain http elsewhere than on localhost
  for (const example of document.querySelectorAll('pre[data-example]')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'copy'
    button.textContent = 'Copy'
    button.setAttribute('aria-label', `Copy ${example.getAttribute('aria-label')}`)
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(example.textContent)
      button.textContent = 'Copied'
      setTimeout(() => (button.textContent = 'Copy'), 1500)
    })
    example.before(button)
  }
}
