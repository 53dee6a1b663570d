import koffi, { type TypeObject } from 'koffi'

/** What a module answered other than success; by name where we do something about it. */
export class Pkcs11Error extends Error {
  override readonly name = 'Pkcs11Error'
  readonly call: string
  readonly code: number

  constructor(call: string, code: number) {
    super(`${call} answered 0x${code.toString(16)}`)
    this.call = call
    this.code = code
  }
}

/** A handle of a module's: a session or an object. */
export type Handle = number | bigint

/** An attribute that an object is looked for by. */
export interface Attribute {
  readonly type: number
  readonly value: Buffer
}

/** The calls of PKCS#11 that we make; https://docs.oasis-open.org/pkcs11/pkcs11-base/v3.0/pkcs11-base-v3.0.html. */
export interface Pkcs11Module {
  /** Slots with a token in them. */
  slots(): Promise<Handle[]>
  /** A token's label, without the blanks that fill it up. */
  tokenLabel(slot: Handle): Promise<string>
  openSession(slot: Handle): Promise<Handle>
  /** As its user. */
  login(session: Handle, pin: Buffer): Promise<void>
  /** The first few objects with these attributes. */
  find(session: Handle, attributes: readonly Attribute[]): Promise<Handle[]>
  gcm(verb: 'Encrypt' | 'Decrypt', use: GcmUse): Promise<Buffer>
}

/** One use of a key with AES-GCM. */
export interface GcmUse {
  readonly session: Handle
  readonly key: Handle
  readonly nonce: Buffer
  readonly associatedData: Buffer
  readonly data: Buffer
}

type TypeSpec = string | TypeObject | ReturnType<typeof koffi.out>

const ok = 0
const alreadyInitialized = 0x191
const alreadyLoggedIn = 0x100
/** So that calls of several threads are kept apart by the module. */
const osLockingOk = 2
const serialSession = 4
const user = 1
const aesGcm = 0x1087
const tagBytes = 16
/** A token has a few slots; a label has one key, and a second one is one too many. */
const [slotsMax, foundMax] = [64, 2]
/** CK_TOKEN_INFO is some 200 bytes on any machine, and begins with the label. */
const [tokenInfoBytes, labelBytes] = [512, 32]

const pointer = 'void *'
const InitializeArgs = koffi.struct({
  CreateMutex: pointer,
  DestroyMutex: pointer,
  LockMutex: pointer,
  UnlockMutex: pointer,
  flags: 'ulong',
  pReserved: pointer,
})
const AttributeStruct = koffi.struct({ type: 'ulong', pValue: pointer, ulValueLen: 'ulong' })
const Mechanism = koffi.struct({ mechanism: 'ulong', pParameter: pointer, ulParameterLen: 'ulong' })
const GcmParams = koffi.struct({
  pIv: pointer,
  ulIvLen: 'ulong',
  ulIvBits: 'ulong',
  pAAD: pointer,
  ulAADLen: 'ulong',
  ulTagBits: 'ulong',
})
const bytes = koffi.pointer('uint8')
const out = (type: string): TypeSpec => koffi.out(koffi.pointer(type))
const both = (type: string): TypeSpec => koffi.inout(koffi.pointer(type))

const opened = new Map<string, Promise<Pkcs11Module>>()

/** A module is loaded and initialised once in a process: it knows one application only. */
export function openModule(path: string): Promise<Pkcs11Module> {
  const there = opened.get(path) ?? load(path)
  opened.set(path, there)
  there.catch(() => opened.delete(path))
  return there
}

async function load(path: string): Promise<Pkcs11Module> {
  const bind = binder(koffi.load(path))
  const initialize = bind('C_Initialize', [koffi.pointer(InitializeArgs)], [alreadyInitialized])
  const noMutexes = { CreateMutex: null, DestroyMutex: null, LockMutex: null, UnlockMutex: null }
  await initialize({ ...noMutexes, flags: osLockingOk, pReserved: null })
  const calls = { Encrypt: gcmCall(bind, 'Encrypt'), Decrypt: gcmCall(bind, 'Decrypt') }
  return { ...slotCalls(bind), ...sessionCalls(bind), find: findCall(bind), gcm: (verb, use) => calls[verb](use) }
}

type Call = (...args: readonly unknown[]) => Promise<void>
/** `fine` are answers that are as good as success. */
type Bind = (name: string, parameters: readonly TypeSpec[], fine?: readonly number[]) => Call

/** What a thread reads and writes must not be collected before it has ended. */
const inFlight = new Set<readonly unknown[]>()

/** Calls are made in threads: hardware takes its time. */
function binder(library: ReturnType<typeof koffi.load>): Bind {
  return (name, parameters, fine = []) => {
    const native = library.func(name, 'ulong', [...parameters])
    return (...args) =>
      new Promise((resolve, reject) => {
        inFlight.add(args)
        native.async(...args, (error: Error | null, answer: number) => {
          inFlight.delete(args)
          if (error !== null) reject(error)
          else if (answer === ok || fine.includes(answer)) resolve()
          else reject(new Pkcs11Error(name, answer))
        })
      })
  }
}

function slotCalls(bind: Bind): Pick<Pkcs11Module, 'slots' | 'tokenLabel'> {
  const getSlotList = bind('C_GetSlotList', ['uint8', out('ulong'), both('ulong')])
  const getTokenInfo = bind('C_GetTokenInfo', ['ulong', out('uint8')])
  return {
    slots: async () => {
      const [list, count] = [new BigUint64Array(slotsMax), [slotsMax]]
      await getSlotList(1, list, count)
      return [...list.subarray(0, count[0])]
    },
    tokenLabel: async (slot) => {
      const info = Buffer.alloc(tokenInfoBytes)
      await getTokenInfo(slot, info)
      return info.toString('utf8', 0, labelBytes).trimEnd()
    },
  }
}

function sessionCalls(bind: Bind): Pick<Pkcs11Module, 'openSession' | 'login'> {
  const openSession = bind('C_OpenSession', ['ulong', 'ulong', pointer, pointer, out('ulong')])
  const login = bind('C_Login', ['ulong', 'ulong', bytes, 'ulong'], [alreadyLoggedIn])
  return {
    openSession: async (slot) => {
      const handle: Handle[] = [0]
      await openSession(slot, serialSession, null, null, handle)
      return handle[0] ?? 0
    },
    login: (session, pin) => login(session, user, pin, pin.length),
  }
}

function findCall(bind: Bind): Pkcs11Module['find'] {
  const init = bind('C_FindObjectsInit', ['ulong', koffi.pointer(AttributeStruct), 'ulong'])
  const next = bind('C_FindObjects', ['ulong', out('ulong'), 'ulong', out('ulong')])
  const final = bind('C_FindObjectsFinal', ['ulong'])
  return async (session, attributes) => {
    const template = attributes.map(({ type, value }) => ({ type, pValue: value, ulValueLen: value.length }))
    await init(session, template, template.length)
    const [found, count] = [new BigUint64Array(foundMax), [0]]
    await next(session, found, foundMax, count)
    await final(session)
    return [...found.subarray(0, count[0])]
  }
}

function gcmCall(bind: Bind, verb: 'Encrypt' | 'Decrypt'): (use: GcmUse) => Promise<Buffer> {
  const init = bind(`C_${verb}Init`, ['ulong', koffi.pointer(Mechanism), 'ulong'])
  const run = bind(`C_${verb}`, ['ulong', bytes, 'ulong', out('uint8'), both('ulong')])
  return async ({ session, key, nonce, associatedData, data }) => {
    const params = {
      pIv: nonce,
      ulIvLen: nonce.length,
      ulIvBits: nonce.length * 8,
      pAAD: associatedData,
      ulAADLen: associatedData.length,
      ulTagBits: tagBytes * 8,
    }
    const pParameter = koffi.as(params, koffi.pointer(GcmParams))
    await init(session, { mechanism: aesGcm, pParameter, ulParameterLen: koffi.sizeof(GcmParams) }, key)
    const output = Buffer.alloc(data.length + tagBytes)
    const length = [output.length]
    await run(session, data, data.length, output, length)
    return output.subarray(0, length[0])
  }
}
