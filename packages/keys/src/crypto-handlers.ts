import { randomBytes } from 'node:crypto'
import { invalidField, secret, type Output, type Secret } from '@gatehouse/contract'
import type { Handler, HandlersOf, Permit } from '@gatehouse/enforcement'
import { envelopeBytes, EnvelopeError, envelopeText } from './envelope.ts'
import { createEncryption } from './encrypt-calls.ts'
import { facadeToken } from './facade-token.ts'
import { wakeIfLeft } from './key-clock.ts'
import { decidedKey, decidedVersion, type KeysDeps, type KeysPorts } from './keys-deps.ts'
import { toSealed } from './key-view.ts'
import { cipherItemsOf, oneOf, plainItemsOf } from './one-item.ts'
import {
  decryptOnRecord,
  encryptItems,
  rewrapItems,
  type ItemResult,
  type Sealed,
  type SealedItem,
} from './service/key-service.ts'

/** What is done under keys. Plaintexts are in memory for as long as a call takes, and nowhere else. */
export const cryptoHandlers = (
  deps: KeysDeps,
  ports: KeysPorts,
): Omit<HandlersOf<'kms'>, 'kms.status' | 'kms.health'> => ({
  'kms.encrypt': encrypt(deps),
  'kms.decrypt': decrypt(deps),
  'kms.generateDataKey': generateDataKey(deps),
  'kms.rewrap': rewrap(deps, ports),
  'kms.facadeToken': facadeToken(deps),
})

function encrypt(deps: KeysDeps): Handler<'kms.encrypt'> {
  const encryptFor = createEncryption(deps)
  return async (permit) => {
    const { input } = permit
    const items = plainItemsOf(input).map(({ plaintext, context, location }) => ({
      plaintext: bytesIn(plaintext),
      context,
      location: location ?? null,
    }))
    // of several each has its own problem
    if (input.items === undefined && items.some(({ plaintext }) => plaintext === null))
      throw invalidField('plaintext', 'bytes in base64, with padding')
    return sealedAnswer(permit, await encryptFor({ permit, items }))
  }
}

const decrypt =
  (deps: KeysDeps): Handler<'kms.decrypt'> =>
  async (permit) => {
    const key = decidedKey(permit)
    const asked = cipherItemsOf(permit.input).map(sealedItem)
    const noteOf = (opened: number) => ({ detail: { opened, asked: asked.length } })
    // nothing is given out that the audit log does not have
    return decryptOnRecord(
      deps,
      { key, items: asked },
      {
        answer: (results) => ({ keyId: key, ...openedAnswer(permit, results) }),
        atOnce: async ({ row_version: version }, opened) =>
          // what the call was decided on says nothing of another moment of the key
          decidedVersion(permit) === version &&
          (await deps.change.atOnce([permit], { beside: null, notes: [noteOf(opened)] })),
        inTransaction: (work, opened) => deps.change(permit, work, () => noteOf(opened)),
      },
    )
  }

const openedAnswer = ({ input }: Permit<'kms.decrypt'>, results: readonly ItemResult<Buffer>[]) => {
  const one = oneOf(input, results)
  const items = results.map(({ problem, value }) => ({ problem, plaintext: toPlaintext(value) }))
  return { items, plaintext: toPlaintext(one) }
}

const toPlaintext = (bytes: Buffer | null): Secret<string> | null =>
  bytes === null ? null : secret(bytes.toString('base64'))

/** Bytes of a data key: what AES-256 takes. */
const dataKeyBytes = 32

const generateDataKey =
  (deps: KeysDeps): Handler<'kms.generateDataKey'> =>
  async (permit) => {
    const { context, location } = permit.input
    const key = decidedKey(permit)
    const plaintext = randomBytes(dataKeyBytes)
    const items = [{ plaintext, context, location: location ?? null }]
    const [made] = await encryptItems(deps, { key, items }, (work) =>
      deps.change(permit, work, ({ version }) => ({ detail: { version } })),
    )
    if (made === undefined || made.problem !== null) throw invalidField('context', 'at most 32 entries, 8,192 bytes')
    const { envelope, keyVersion } = made.value
    return {
      keyId: key,
      keyVersion,
      plaintext: secret(plaintext.toString('base64')),
      ciphertext: envelopeText(envelope),
    }
  }

const rewrap =
  (deps: KeysDeps, ports: KeysPorts): Handler<'kms.rewrap'> =>
  async (permit) => {
    const key = decidedKey(permit)
    const items = cipherItemsOf(permit.input).map(sealedItem)
    const results = await rewrapItems(deps, { key, items }, (work) =>
      deps.change(permit, work, (recorded) => ({ detail: { ...recorded, asked: items.length } })),
    )
    await wakeIfLeft(deps, ports, key)
    return sealedAnswer(permit, results)
  }

function sealedAnswer(
  permit: Permit<'kms.encrypt'> | Permit<'kms.rewrap'>,
  results: readonly ItemResult<Sealed>[],
): Output<'kms.encrypt'> {
  const one = oneOf(permit.input, results)
  return {
    keyId: decidedKey(permit),
    items: results.map(toSealed),
    ciphertext: one === null ? null : envelopeText(one.envelope),
    keyVersion: one?.keyVersion ?? null,
  }
}

/** The bytes of a secret in base64, and only in its one spelling: another would come back as other text. Null: none. */
function bytesIn(text: Secret<string>): Buffer | null {
  const bytes = Buffer.from(text.expose(), 'base64')
  return bytes.toString('base64') === text.expose() ? bytes : null
}

interface GivenItem {
  readonly ciphertext: string
  readonly context: Readonly<Record<string, string>>
}

/** What is no base64 of an envelope is that item's problem: no bytes are no envelope either. */
function sealedItem({ ciphertext, context }: GivenItem): SealedItem {
  try {
    return { envelope: envelopeBytes(ciphertext), context }
  } catch (error) {
    if (error instanceof EnvelopeError) return { envelope: Buffer.alloc(0), context }
    throw error
  }
}
