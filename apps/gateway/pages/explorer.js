// Sends GraphQL documents as the person who is logged in to the control center, or by a token that is typed here.
// It is served in development only.

const theme = localStorage.getItem('gatehouse.theme')
if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme

const byId = (id) => document.querySelector(`#${id}`)
const [form, example, source, variables, token] = ['call', 'example', 'document', 'variables', 'token'].map(byId)
const [stop, who, outcome, answer] = ['stop', 'who', 'outcome', 'answer'].map(byId)

/** Ends the call or stream under way. */
let running = null

example.addEventListener('change', () => {
  if (example.value === '') return
  source.value = example.value
  variables.value = ''
  source.focus()
})
form.addEventListener('submit', (event) => {
  event.preventDefault()
  void run()
})
form.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit()
})
stop.addEventListener('click', () => running?.abort())
token.addEventListener('change', () => void showWho())

async function showWho() {
  const body = await json(await withSession({ query: '{ authWhoami { username roles } }' }))
  const me = body?.data?.authWhoami
  who.replaceChildren(...(me ? [`You call as ${me.username} (${me.roles.map(spelt).join(', ')}).`] : strangerText()))
}

/** GraphQL writes roles in upper case. */
const spelt = (role) => role.charAt(0) + role.slice(1).toLowerCase()

function strangerText() {
  if (token.value !== '') return ['This token is not good here.']
  const link = document.createElement('a')
  link.href = '/'
  link.textContent = 'log in'
  return ['You call as a stranger: ', link, ' in the control center, or give a token.']
}

async function run() {
  running?.abort()
  const current = new AbortController()
  running = current
  stop.disabled = false
  answer.textContent = ''
  outcome.textContent = 'Asking …'
  try {
    const given = variables.value.trim()
    const request = { query: source.value, ...(given === '' ? {} : { variables: JSON.parse(given) }) }
    if (/(^|\})\s*subscription\b/.test(withoutComments(source.value))) await watch(request, current.signal)
    else await ask(request, current.signal)
  } catch (error) {
    outcome.textContent = current.signal.aborted ? 'Stopped.' : wordsOf(error)
  } finally {
    if (running === current) stop.disabled = true
  }
}

const withoutComments = (text) => text.replaceAll(/#.*$/gm, '')

const wordsOf = (error) =>
  error instanceof SyntaxError ? `The variables are no JSON: ${error.message}` : `Nothing answers: ${error.message}`

async function ask(request, signal) {
  const started = performance.now()
  const response = await withSession(request, signal)
  const body = await json(response)
  const refusals = (body?.errors ?? []).map(({ extensions }) => extensions?.code ?? 'error')
  const verdict = refusals.length === 0 ? 'Answered' : `Refused: ${refusals.join(', ')}`
  outcome.textContent = `${verdict} (${response.status}, ${Math.round(performance.now() - started)} ms)`
  answer.textContent = JSON.stringify(body, null, 2)
}

/** Shows each item of a stream as it comes. */
async function watch(request, signal) {
  const response = await send('/graphql/stream', request, { accept: 'text/event-stream', signal })
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    outcome.textContent = `Refused (${response.status})`
    answer.textContent = JSON.stringify(await json(response), null, 2)
    return
  }
  let items = 0
  let rest = ''
  outcome.textContent = 'Open; nothing yet.'
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + text).split('\n\n')
    rest = events.pop() ?? ''
    for (const data of events.filter((one) => one.includes('event: next')).map(dataOf)) {
      items += 1
      outcome.textContent = `Open; ${items} so far.`
      answer.append(`${JSON.stringify(JSON.parse(data), null, 2)}\n`)
    }
  }
  outcome.textContent = `The stream has ended; ${items} in all.`
}

const dataOf = (event) =>
  event
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trimStart())
    .join('\n')

const json = (response) => response.json().catch(() => null)

function send(path, request, { accept = 'application/json', signal } = {}) {
  return fetch(path, {
    method: 'POST',
    credentials: token.value === '' ? 'same-origin' : 'omit',
    cache: 'no-store',
    signal,
    headers: {
      'content-type': 'application/json',
      accept,
      ...(token.value === '' ? { 'gatehouse-session': 'cookie' } : { authorization: `Bearer ${token.value}` }),
    },
    body: JSON.stringify(request),
  })
}

/** Asks, and once more after a refresh when the session's access token has died. */
async function withSession(request, signal) {
  const startedAt = Date.now()
  const response = await send('/graphql', request, { signal })
  if (response.status !== 401 || token.value !== '') return response
  const body = await json(response.clone())
  if (body?.errors?.[0]?.extensions?.code !== 'unauthenticated' || !(await refreshSince(startedAt))) return response
  return send('/graphql', request, { signal })
}

/** Once for all tabs, as the control center does it: a refresh token that is used twice ends its family. */
function refreshSince(startedAt) {
  return navigator.locks.request('gatehouse-refresh', async () => {
    if (Number(localStorage.getItem('gatehouse.refreshedAt') ?? 0) > startedAt) return true
    const response = await send('/graphql', { query: 'mutation { authRefresh { tokens { accessExpiresAt } } }' })
    if (response.ok) localStorage.setItem('gatehouse.refreshedAt', String(Date.now()))
    return response.ok
  })
}

void showWho()
