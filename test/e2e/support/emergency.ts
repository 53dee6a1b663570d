// Emergency access as people get it: two of them at browsers with keys, a real sshd, and places that are told.
import { execFile } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startSshd, type MailSink, type TestSshd } from '@gatehouse/testkit'
import { expect } from 'vitest'
import { openReceivers, type Receiver } from '../../../packages/alerts/test/receivers.ts'
import type { AtBrowser } from './at-browser.ts'
import type { Outside } from './outside.ts'

const run = promisify(execFile)

/** A host that trusts certificates, and fetches the list of revoked ones when a test says so. */
export async function openHost(base: string, directory: string) {
  const revokedKeys = join(directory, 'krl')
  const takeKrl = async (): Promise<void> => {
    writeFileSync(`${revokedKeys}.new`, Buffer.from(await (await fetch(`${base}/ssh/krl`)).arrayBuffer()))
    renameSync(`${revokedKeys}.new`, revokedKeys) // as the host's timer does it
  }
  await takeKrl()
  const sshd = await startSshd({ trustedUserCaKeys: await (await fetch(`${base}/ssh/ca.pub`)).text(), revokedKeys })
  return { sshd, takeKrl }
}

/** A private key with a certificate for it, as files that ssh takes. */
export async function certificateOf(caller: Outside, { host, directory }: { host: string; directory: string }) {
  const key = join(directory, 'emergency_key')
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key])
  const publicKey = readFileSync(`${key}.pub`, 'utf8').trim()
  const signed = await caller.mutate('sshCertificate.sign', {
    host,
    publicKey,
    purpose: 'the emergency',
    ttlSeconds: 900,
  })
  expect(signed.status, JSON.stringify(signed.body)).toBe(200)
  writeFileSync(`${key}-cert.pub`, `${String(signed.data['certificate']).trim()}\n`)
  return key
}

/** What real ssh with such a key prints on the host; null: it was not let in. */
export const sshPrints = (key: string, { address, port, user }: TestSshd): Promise<string | null> => {
  const settings = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
  ].flatMap((setting) => ['-o', setting])
  const words = ['-F', 'none', '-i', key, '-p', String(port), '-l', user, ...settings, address, 'id', '-un']
  return run('ssh', words).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  )
}

/** A place of each kind that alerts are sent to. */
export async function openChannels(admin: Outside, mail: MailSink) {
  const { authority, start } = await openReceivers('localhost')
  const receiver = await start()
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  const kinds = {
    mail: { mail: { to: 'soc@example.org' } },
    webhook: { webhook: { url: receiver.url('/webhook'), secret }, authority },
    slack: { slack: { url: receiver.url('/slack') }, authority },
    pagerduty: { pagerduty: { url: receiver.url('/pagerduty'), routingKey: 'a1b2c3d4'.repeat(4) }, authority },
  }
  for (const [name, input] of Object.entries(kinds)) {
    const made = await admin.mutate('alertChannel.create', { name, ...input })
    expect(made.status, JSON.stringify(made.body)).toBe(200)
  }
  return { receiver, mail, secret }
}

export type Channels = Awaited<ReturnType<typeof openChannels>>

const at = ({ got }: Receiver, path: string) => got.filter((one) => one.path === path)

/** How often each place was told that an emergency session began. */
export const toldOfSession = ({ receiver, mail }: Channels) => ({
  webhook: at(receiver, '/webhook').filter(({ body }) => body.includes('"kind":"break-glass-created"')).length,
  slack: at(receiver, '/slack').filter(({ body }) => sessionBegan.test(body)).length,
  pagerduty: at(receiver, '/pagerduty').filter(({ body }) => body.includes('"class":"break-glass-created"')).length,
  mail: mail.mails.filter(({ headers }) => sessionBegan.test(headers['subject'] ?? '')).length,
})
const sessionBegan = /Emergency access was activated/

/** Whether every webhook carries the signature that the specification of Standard Webhooks asks for. */
export const allSigned = ({ receiver, secret }: Channels): boolean =>
  at(receiver, '/webhook').every(({ headers, body }) => {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  })

/** Asks for emergency access from the board, and answers the request's id. */
export async function askAtBoard({ page, keyboard }: AtBrowser, base: string): Promise<string> {
  await page.goto(`${base}/emergency/requests`)
  await page.getByRole('heading', { name: 'Break-glass', exact: true }).waitFor()
  await keyboard.press(/^Request emergency access$/)
  await page.getByRole('textbox', { name: 'Incident' }).waitFor()
  await keyboard.type(/^Incident/, 'INC-4711')
  await keyboard.type(/^Justification/, 'payments fail, and the database host does not answer')
  await page
    .getByRole('option', { name: 'default (production)' })
    .or(page.getByLabel('Workspace'))
    .first()
    .waitFor({ state: 'attached' })
  await keyboard.choose(/^Workspace/, 'default')
  await keyboard.press(/^Request emergency access$/)
  await page.waitForURL('**/emergency/requests/*')
  return page.url().split('/').at(-1) ?? ''
}

/** Reads a request from the board and approves it with the key that is plugged in. */
export async function approveAtBoard({ page, keyboard }: AtBrowser, base: string): Promise<void> {
  await page.goto(`${base}/emergency/requests`)
  await page
    .getByRole('link', { name: /^dora-developer/ })
    .first()
    .waitFor()
  await keyboard.press(/^dora-developer/)
  await page.getByText('What is signed').waitFor()
  await keyboard.press(/^Approve$/)
  await keyboard.dialog('Approve emergency access?')
  await page.getByRole('button', { name: 'Approve with your key' }).waitFor()
  await keyboard.press('Approve with your key')
  await page
    .getByRole('status', { name: 'Notices' })
    .getByText(/^Approved\./)
    .waitFor()
}
