import { envelopeKeyId } from '@gatehouse/kit'
import { z } from 'zod'
import { KmsKey, KmsOpened, KmsSealed } from '../kms-outputs.ts'
import { KeyName, KeyReference, WorkspaceReference } from '../names.ts'
import { operation } from '../operation.ts'
import { page, type Cursor } from '../page.ts'
import { pageInput, SecretText } from '../scalars.ts'
import { lineOf, textOf } from '../text.ts'

const callers = ['User', 'Service'] as const
const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const onKey = { principals: callers, resource: 'KmsKey', id: (input: { id: string }) => input.id } as const

/** So many in one call: a call is one transaction, and one line of the audit log. */
export const kmsItemsMax = 100

/** The base64 of an envelope around 3,072 bytes, the longest plaintext that fits a secret text of 4 KiB. */
const ciphertextLengthMax = 4188

/** As many entries as an envelope binds. */
const contextEntriesMax = 32
const contextWhat = 'an object of texts: names with what they are'
const ContextName = textOf({ what: 'the name of an entry', charactersMax: 100 })
const ContextValue = textOf({
  what: 'one line of text',
  charactersMax: 1000,
  charactersMin: 0,
  allow: { joiners: true },
})

/** What a ciphertext is bound to, beside its key and the workspace: it opens with the same only. */
const KmsContext = z
  .record(ContextName, ContextValue, { error: (issue) => (issue.input === undefined ? 'required' : contextWhat) })
  .refine((context) => Object.keys(context).length <= contextEntriesMax, {
    error: `at most ${contextEntriesMax} entries`,
  })
  .meta({ id: 'KmsContext' })

/** Where the caller keeps a ciphertext; whoever has to replace it reads it. */
const Location = lineOf(500)

const KmsPlainItem = z
  .object({
    /** Bytes in base64. */
    plaintext: SecretText,
    context: KmsContext.default({}),
    location: Location.optional(),
  })
  .meta({ id: 'KmsPlainItem' })

const Ciphertext = textOf({ what: 'a ciphertext as kms.encrypt gave it out', charactersMax: ciphertextLengthMax })
const KmsCipherItem = z
  .object({ ciphertext: Ciphertext, context: KmsContext.default({}) })
  .meta({ id: 'KmsCipherItem' })

interface NamesKey {
  readonly items?: readonly { readonly ciphertext: string }[]
}

/**
 * The key that a batch is decided on: the first that an item names; items of other keys are refused one by one. An
 * entry of the audit log has an input without items, and names no key.
 */
const keyNamedIn = ({ items }: NamesKey): string | null =>
  (Array.isArray(items) ? items : [])
    .map(({ ciphertext }: { readonly ciphertext: string }) => envelopeKeyId(ciphertext))
    .find((id) => id !== null) ?? null

const CipherItems = z
  .array(KmsCipherItem)
  .min(1)
  .max(kmsItemsMax)
  .refine((items) => keyNamedIn({ items }) !== null, {
    error: 'none of these is a ciphertext of this kind of key service: one begins with R0hFAQ',
  })
const onNamedKey = {
  principals: callers,
  resource: 'KmsKey',
  id: (input: NamesKey) => keyNamedIn(input) ?? '',
} as const

export const kmsOperations = [
  operation({
    name: 'kmsKey.create',
    kind: 'mutation',
    summary: 'Make a key. Its name is its own for ever, and encrypting never makes one.',
    input: z.object({ name: KeyName, workspace: WorkspaceReference.default('default') }),
    output: KmsKey,
    authorize: { principals: ['User'], resource: 'Workspace', id: (input) => input.workspace },
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'name',
      aliases: ['kms create-key'],
      examples: ['shop-config', 'shop-config --workspace shop', 'shop-config --json'],
    },
  }),
  operation({
    name: 'kmsKey.list',
    kind: 'query',
    summary: 'Keys of the key service, the newest first.',
    input: z.object({ ...pageInput, workspace: WorkspaceReference.optional() }),
    output: page(KmsKey, 'KmsKeyPage'),
    list: { cursor: created },
    authorize: { principals: callers, resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['name', 'state', 'currentVersion', 'minimumVersion', 'backend', 'createdAt', 'workspace', 'id'],
      aliases: ['kms list-keys'],
      examples: ['', '--workspace shop', '--json'],
    },
  }),
  operation({
    name: 'kmsKey.get',
    kind: 'query',
    summary: 'One key: its state and its versions.',
    input: z.object({ id: KeyReference }),
    output: KmsKey,
    authorize: onKey,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', aliases: ['kms describe-key'], examples: ['shop-config'] },
  }),
  operation({
    name: 'kms.encrypt',
    kind: 'mutation',
    summary: 'Encrypt under a key, one item or a hundred; each ciphertext is counted until it is forgotten.',
    input: z.object({ key: KeyReference, items: z.array(KmsPlainItem).min(1).max(kmsItemsMax) }),
    output: KmsSealed,
    authorize: { principals: callers, resource: 'KmsKey', id: (input) => input.key },
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: ['items'] },
    refusals: [],
    command: { hidden: true },
  }),
  operation({
    name: 'kms.decrypt',
    kind: 'mutation',
    summary: 'Decrypt what kms.encrypt gave out, with the same context. The ciphertext names its key.',
    input: z.object({ items: CipherItems }),
    output: KmsOpened,
    authorize: onNamedKey,
    assurance: 'mfa',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: ['items'] },
    refusals: [],
    command: { hidden: true },
  }),
] as const
