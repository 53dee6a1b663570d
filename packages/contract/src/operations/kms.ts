import { envelopeKeyId } from '@gatehouse/kit'
import { z } from 'zod'
import {
  KmsBackend,
  KmsCiphertext,
  KmsDataKey,
  KmsFacadeToken,
  KmsHealth,
  KmsKey,
  KmsKeyState,
  KmsKeyUsage,
  KmsListedKey,
  KmsOpened,
  KmsSealed,
  KmsStatus,
} from '../kms-outputs.ts'
import { systemId } from '../entities.ts'
import { KeyBackendName, KeyName, KeyReference, WorkspaceReference } from '../names.ts'
import { operation } from '../operation.ts'
import { page, type Cursor } from '../page.ts'
import { Id, pageInput, Reason, SecretText } from '../scalars.ts'
import { SearchedText } from '../sorting.ts'
import { lineOf, textOf, wholeNumber } from '../text.ts'

const callers = ['User', 'Service'] as const
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const
const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const sealed = (item: { sealedAt: Date; id: string }): readonly [Cursor['at'], string] => [item.sealedAt, item.id]
const onKey = { principals: callers, resource: 'KmsKey', id: (input: { id: string }) => input.id } as const

const byPerson = { ...onKey, principals: ['User'] } as const
/** A change of what a key may do. */
const change = {
  kind: 'mutation',
  authorize: byPerson,
  assurance: 'su',
  groups: ['writeActions', 'sensitiveActions'],
  audit: { omit: [] },
  refusals: [],
} as const

/** Nobody rotates a key more often than every minute for a hundred years. */
const VersionNumber = wholeNumber({ min: 1, max: 2 ** 26 })

/** More places than anybody keeps a key in; each is asked whenever the key is made or rotated. */
const backendsMax = 8
const Quorum = wholeNumber({ min: 2, max: backendsMax, unit: 'backends' })

/**
 * Each rotation leaves ciphertexts to be rewrapped: with a shorter period than a day one is due before the last is
 * done. Ten years is longer than the record of who rotated is kept; such a key is rotated by hand.
 */
const rotationDaysMax = 3650
const RotationDays = wholeNumber({ min: 1, max: rotationDaysMax, unit: 'days' })
/** The same of a key that there is: 0 takes its period away. */
const RotationDaysOrNone = wholeNumber({ min: 0, max: rotationDaysMax, unit: 'days' })

/** Fewer days nobody who is away notices; more is a key that is kept. */
const WaitingDays = wholeNumber({ min: 7, max: 30, unit: 'days' })
/** More ciphertexts than a key may give out. */
const CiphertextCount = wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER })

/** So many in one call: a call is one transaction, and one line of the audit log. */
export const kmsItemsMax = 100

/** The keys of a tree of files; who needs more makes another token. */
const facadeKeysMax = 20
/** A sitting with an editor, and not a day: the token lies in an environment or a file. */
const facadeTtlSecondsMax = 900

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
  readonly key?: string | undefined
  readonly ciphertext?: string | undefined
  readonly items?: readonly { readonly ciphertext: string }[] | undefined
}

/**
 * The key that a batch is decided on: the first that an item names; items of other keys are refused one by one. An
 * entry of the audit log has an input without items, and names no key.
 */
const keyNamedIn = ({ ciphertext, items }: NamesKey): string | null =>
  [...(typeof ciphertext === 'string' ? [{ ciphertext }] : []), ...(Array.isArray(items) ? items : [])]
    .map((item: { readonly ciphertext: string }) => envelopeKeyId(item.ciphertext))
    .find((id) => id !== null) ?? null

const noneOfOurs = 'no ciphertext of this kind of key service: one begins with R0hFAQ'

const CipherItems = z
  .array(KmsCipherItem)
  .min(1)
  .max(kmsItemsMax)
  .refine((items) => keyNamedIn({ items }) !== null, { error: `none of these is one: ${noneOfOurs}` })

/** A call has one item in itself, or several in `items`. */
const eitherOneOrItems = (fields: readonly string[]) => (input: Readonly<Record<string, unknown>>, tell: Tell) => {
  const [needed = ''] = fields
  const [given] = fields.filter((field) => input[field] !== undefined)
  if (input['items'] === undefined && input[needed] === undefined)
    tell.addIssue({ code: 'custom', path: [needed], message: 'required, or several of them in `items`' })
  if (input['items'] !== undefined && given !== undefined)
    tell.addIssue({ code: 'custom', path: [given], message: 'stands in each of `items` where there are any' })
}

interface Tell {
  addIssue(issue: { readonly code: 'custom'; readonly path: string[]; readonly message: string }): void
}

/** Who knows the key of all items says so; else the first that an item names. */
const SealedBatch = z
  .object({
    key: KeyReference.optional(),
    ciphertext: Ciphertext.refine((text) => envelopeKeyId(text) !== null, { error: noneOfOurs }).optional(),
    context: KmsContext.optional(),
    items: CipherItems.optional(),
  })
  .superRefine(eitherOneOrItems(['ciphertext', 'context']))
const PlainBatch = z
  .object({
    key: KeyReference,
    /** Bytes in base64. */
    plaintext: SecretText.optional(),
    context: KmsContext.optional(),
    location: Location.optional(),
    items: z.array(KmsPlainItem).min(1).max(kmsItemsMax).optional(),
  })
  .superRefine(eitherOneOrItems(['plaintext', 'context', 'location']))
const onNamedKey = {
  principals: callers,
  resource: 'KmsKey',
  id: (input: NamesKey) => input.key ?? keyNamedIn(input) ?? '',
} as const

/** What is asked without anything to say, and answered to people. */
const facts = {
  kind: 'query',
  input: z.object({}),
  assurance: 'pw',
  groups: ['readActions'],
  audit: { omit: [] },
  refusals: [],
} as const

export const kmsOperations = [
  operation({
    ...facts,
    name: 'kmsBackend.list',
    summary: 'The backends that wrap the data key and keys: which they are, how each stands, what it has wrapped.',
    output: z.object({ backends: z.array(KmsBackend) }).meta({ id: 'KmsBackendList' }),
    authorize: onSystem,
    command: {
      columns: ['section', 'kind', 'state', 'since', 'opensDatabase', 'keys', 'problem', 'advice'],
      examples: ['', '--json'],
    },
  }),
  operation({
    ...facts,
    name: 'kms.status',
    summary: 'What keys there are, which are rotated next, and what whoever looks after them should know.',
    output: KmsStatus,
    authorize: { principals: ['User'], resource: 'Workspace' },
    command: { examples: ['', '--json'] },
  }),
  operation({
    ...facts,
    name: 'kms.health',
    summary: 'Ask each backend now whether its key can be used. A backend that does not answer is said to be so.',
    output: KmsHealth,
    authorize: onSystem,
    ownMax: 2,
    command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'kmsKey.create',
    kind: 'mutation',
    summary: 'Create a key. Its name is its own for ever, and encrypting never creates one.',
    input: z.object({
      name: KeyName,
      workspace: WorkspaceReference.default('default'),
      backend: KeyBackendName.optional(),
      regions: z
        .array(KeyBackendName)
        .max(backendsMax - 1)
        .optional(),
      quorum: Quorum.optional(),
      rotationDays: RotationDays.optional(),
    }),
    output: KmsKey,
    authorize: { principals: ['User'], resource: 'Workspace', id: (input) => input.workspace },
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'name',
      aliases: ['kms create-key'],
      help: {
        backend: 'what wraps it, by its name in the settings; left out: installation, which is [kms]',
        regions: 'further backends that wrap it',
        rotationDays: 'rotate it by itself every so many days; left out: by hand alone',
        quorum: 'so many of all of them open it together; left out: any one does',
      },
      examples: [
        'shop-config',
        'shop-config --workspace shop --rotation-days 90',
        'shop-config --regions north,west',
        'payroll --backend geneva --regions berlin,oslo --quorum 2',
        'shop-config --json',
      ],
    },
  }),
  operation({
    name: 'kmsKey.list',
    kind: 'query',
    summary: 'Keys of the key service, the newest first.',
    input: z.object({
      ...pageInput,
      workspace: WorkspaceReference.optional(),
      state: KmsKeyState.optional(),
      search: SearchedText.optional(),
    }),
    output: page(KmsListedKey, 'KmsKeyPage'),
    list: { cursor: created },
    authorize: { principals: callers, resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: [
        'name',
        'state',
        'currentVersion',
        'minimumVersion',
        'rotatesAt',
        'backend',
        'createdAt',
        'workspace',
        'id',
      ],
      aliases: ['kms list-keys'],
      examples: ['', '--workspace shop', '--state disabled --json'],
    },
  }),
  operation({
    name: 'kmsKey.get',
    kind: 'query',
    summary: 'One key: its state, its versions, and what its backends have of it.',
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
    input: PlainBatch,
    output: KmsSealed,
    authorize: { principals: callers, resource: 'KmsKey', id: (input) => input.key },
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: ['plaintext', 'context', 'location', 'items'] },
    refusals: [],
    command: { hidden: true },
  }),
  operation({
    name: 'kms.decrypt',
    kind: 'mutation',
    summary: 'Decrypt what kms.encrypt gave out, with the same context. The ciphertext names its key.',
    input: SealedBatch,
    output: KmsOpened,
    authorize: onNamedKey,
    assurance: 'mfa',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: ['ciphertext', 'context', 'items'] },
    refusals: [],
    command: { hidden: true },
  }),
  operation({
    name: 'kms.generateDataKey',
    kind: 'mutation',
    summary: 'Make a data key to encrypt with where the data lies, and the same encrypted, to be kept beside it.',
    input: z.object({ key: KeyReference, context: KmsContext.default({}), location: Location.optional() }),
    output: KmsDataKey,
    authorize: { principals: callers, resource: 'KmsKey', id: (input) => input.key },
    assurance: 'mfa',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: ['context', 'location'] },
    refusals: [],
    command: { hidden: true },
  }),
  operation({
    name: 'kms.rewrap',
    kind: 'mutation',
    summary: 'Encrypt anew under the current version what older versions encrypted. Nobody sees a plaintext.',
    input: SealedBatch,
    output: KmsSealed,
    authorize: onNamedKey,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: ['ciphertext', 'context', 'items'] },
    refusals: [],
    command: { hidden: true },
  }),
  operation({
    name: 'kms.facadeToken',
    kind: 'mutation',
    summary:
      "Make a token for Vault's clients: for minutes, from your address, under the keys that you name; shown once.",
    input: z.object({
      keys: z.array(KeyReference).min(1).max(facadeKeysMax),
      ttlSeconds: wholeNumber({ min: 60, max: facadeTtlSecondsMax, unit: 'seconds' }).default(facadeTtlSecondsMax),
    }),
    output: KmsFacadeToken,
    authorize: { principals: ['User'], resource: 'System', id: () => systemId },
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      quiet: 'token',
      help: { keys: 'names or ids, as the files name them' },
      examples: ['--keys shop-config', '--keys shop-config,shop-backups --ttl 5m', '--keys shop-config --quiet'],
    },
  }),
  operation({
    ...change,
    name: 'kmsKey.rotate',
    summary: 'Rotate a key: everything is encrypted under a new version from now on. Older ones still decrypt.',
    input: z.object({ id: KeyReference }),
    output: KmsKey,
    command: { positional: 'id', aliases: ['kms rotate-key'], examples: ['shop-config'] },
  }),
  operation({
    ...change,
    name: 'kmsKey.replicate',
    summary:
      'Have one more backend wrap every version of a key, so that it opens when the others are away. ' +
      'Stopped half way, it goes on when it is called again.',
    input: z.object({ id: KeyReference, region: KeyBackendName }),
    output: KmsKey,
    command: {
      positional: 'id',
      help: { region: 'a backend, by its name in the settings' },
      examples: ['shop-config --region west'],
    },
  }),
  operation({
    ...change,
    name: 'kmsKey.withdraw',
    summary: 'Give a region of a key up, once every version opens without it. What its backend wrapped is deleted.',
    input: z.object({ id: KeyReference, region: KeyBackendName, reason: Reason }),
    output: KmsKey,
    command: {
      positional: 'id',
      help: { region: 'a backend that has the key' },
      examples: ['shop-config --region west --reason "the site was closed"'],
    },
  }),
  operation({
    ...change,
    name: 'kmsKey.disable',
    summary: 'Disable a key at once: nothing is encrypted or decrypted under it, or nothing is encrypted.',
    input: z.object({ id: KeyReference, reason: Reason, decryptOnly: z.boolean().default(false) }),
    output: KmsKey,
    command: {
      positional: 'id',
      aliases: ['kms disable-key'],
      help: { decryptOnly: 'what was encrypted is still decrypted' },
      examples: ['shop-config --reason "a copy of it got away"', 'shop-config --reason "replaced" --decrypt-only'],
    },
  }),
  operation({
    ...change,
    name: 'kmsKey.enable',
    summary: 'Let a key encrypt and decrypt again.',
    input: z.object({ id: KeyReference }),
    output: KmsKey,
    command: { positional: 'id', aliases: ['kms enable-key'], examples: ['shop-config'] },
  }),
  operation({
    ...change,
    name: 'kmsKey.update',
    summary: 'Change a key: how often it is rotated, the oldest version that is opened, and the deletion guard.',
    input: z.object({
      id: KeyReference,
      rotationDays: RotationDaysOrNone.optional(),
      minimumVersion: VersionNumber.optional(),
      deletionGuard: z.boolean().optional(),
      losing: CiphertextCount.default(0),
      reason: Reason.optional(),
    }),
    output: KmsKey,
    refusals: ['approval-pending', 'locked'],
    command: {
      positional: 'id',
      help: {
        rotationDays: 'rotate it by itself every so many days; 0: by hand alone',
        minimumVersion: 'ciphertexts of older versions are not opened any more',
        deletionGuard: 'the key cannot be scheduled for deletion; --no-deletion-guard: it can',
        losing:
          'how many ciphertexts of older versions you know to be lost, as `kms-key usage` says; a second Admin ' +
          'approves it',
        reason: 'why they are lost; the second Admin reads it',
      },
      examples: [
        'shop-config --rotation-days 90',
        'shop-config --minimum-version 3',
        'shop-config --minimum-version 3 --losing 12 --reason "on laptops that were sold"',
        'shop-config --no-deletion-guard',
      ],
    },
  }),
  operation({
    ...change,
    name: 'kmsKey.revokeVersion',
    summary:
      'Mark a version as known to others: what it encrypted is only rewrapped. The answer says how much that is.',
    input: z.object({ id: KeyReference, version: VersionNumber, reason: Reason }),
    output: KmsKeyUsage,
    command: {
      positional: 'id',
      help: { version: 'which one; the current one is rotated first' },
      examples: ['shop-config --version 3 --reason "in a build log"'],
    },
  }),
  operation({
    ...change,
    name: 'kmsKey.scheduleDeletion',
    summary:
      'Schedule the deletion of a key: it stops now, and its material is destroyed after some days. What it ' +
      'encrypted is lost then, for good.',
    input: z.object({
      id: KeyReference,
      reason: Reason,
      days: WaitingDays.default(30),
      losing: CiphertextCount.default(0),
    }),
    output: KmsKey,
    command: {
      positional: 'id',
      help: {
        days: 'for how long it can be called off',
        losing: 'how many ciphertexts you know to be lost with it; on a terminal the command says it and asks',
      },
      examples: [
        'shop-config --reason "replaced by shop-config-2"',
        'shop-config --yes --reason "test" --days 7 --losing 12',
      ],
    },
  }),
  operation({
    ...change,
    name: 'kmsKey.cancelDeletion',
    summary: 'Call the deletion of a key off. It stays disabled until somebody enables it.',
    input: z.object({ id: KeyReference, reason: Reason }),
    output: KmsKey,
    command: { positional: 'id', examples: ['shop-config --reason "the backups still need it"'] },
  }),
  operation({
    name: 'kmsKey.usage',
    kind: 'query',
    summary: 'How many ciphertexts need each version of a key, and how older versions are being left.',
    input: z.object({ key: KeyReference }),
    output: KmsKeyUsage,
    authorize: { ...byPerson, id: (input: { key: string }) => input.key },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'key', help: { key: 'its name or id' }, examples: ['shop-config', 'shop-config --json'] },
  }),
  operation({
    name: 'kmsKey.ciphertexts',
    kind: 'query',
    summary: 'Ciphertexts of a key, and where they lie: what has to be rewrapped before a version is left behind.',
    input: z.object({ id: KeyReference, ...pageInput, version: VersionNumber.optional() }),
    output: page(KmsCiphertext, 'KmsCiphertextPage'),
    list: { cursor: sealed },
    authorize: byPerson,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'id',
      columns: ['location', 'version', 'sealedAt', 'movedAt', 'id'],
      help: { version: 'only those that need this version' },
      examples: ['shop-config --version 3', 'shop-config --version 3 --json'],
    },
  }),
  operation({
    name: 'kmsKey.forget',
    kind: 'mutation',
    summary: 'Strike out ciphertexts that are no more, so that nothing waits for them to be rewrapped.',
    input: z.object({ id: KeyReference, ciphertexts: z.array(Id).min(1).max(kmsItemsMax), reason: Reason }),
    output: z.object({ id: z.string(), forgotten: z.int() }).meta({ id: 'KmsForgotten' }),
    authorize: byPerson,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'id',
      help: { ciphertexts: 'whole ids, as `kms-key ciphertexts --json` has them' },
      examples: ['shop-config --ciphertexts CIPHERTEXT --reason "the file was deleted"'],
    },
  }),
] as const
