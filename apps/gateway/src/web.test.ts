// Whose path it is decides what is answered: the control center's page, or that there is nothing.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readWeb, webPaths, type WebFiles } from './web.ts'

let directory: string
let web: WebFiles
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gh-web-'))
  await mkdir(join(directory, 'assets'))
  await writeFile(join(directory, 'index.html'), '<!doctype html>')
  await writeFile(join(directory, 'assets/app.js'), 'void 0')
  web = await readWeb(directory)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

test.for([
  '/',
  '/access/leases',
  '/people/users/ada.lovelace',
  '/me/sessions',
  '/invite',
  '/unwrap',
  '/record/audit/x',
])('%s is the control center', async (path) => {
  expect(await web.answer(path, undefined)?.text()).toBe('<!doctype html>')
})

test.for([
  '/api',
  '/api/v1/users',
  '/docs',
  '/graphiql',
  '/index.php',
  '/.env',
  '/assets/none.js',
  '/accessible',
  '//evil.example/',
  '//',
])('%s is nothing, and not the control center', (path) => {
  expect(web.answer(path, undefined)).toBeNull()
})

test.for(['/audit', '/audit/entries', '/lease/ada.lovelace', '/accessible'])(
  'a person who comes to %s is told by the control center’s page that there is nothing',
  async (path) => {
    const answer = web.answerLost(path)
    expect([answer?.status, answer?.headers.get('cache-control')]).toEqual([404, 'no-store'])
    expect(await answer?.text()).toBe('<!doctype html>')
  },
)

test.for(['/index.php', '/.env', '/assets/none.js', '//evil.example/', '//'])(
  '%s is no address that a person would mistype',
  (path) => expect(web.answerLost(path)).toBeNull(),
)

test('every path of the control center is known to the gateway, and none beside', async () => {
  const routes = await readFile(resolve(import.meta.dirname, '../../web/src/routes.tsx'), 'utf8')
  // below /access
  const nested = new Set([
    'leases',
    'keys',
    'certificates',
    'hosts',
    'register-host',
    'authority',
    'locks',
    'issue',
    'revoke',
    'roles',
    'backends',
    'configure-backend',
    'import-hosts',
  ])
  const firsts = [...routes.matchAll(/<Route path="\/([a-z-]*)/g)].map(([, first]) => first ?? '')
  expect(new Set(firsts.filter((first) => !nested.has(first)))).toEqual(new Set(webPaths))
})
