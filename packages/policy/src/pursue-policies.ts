import type { EventFacts } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { BundleGuard } from './bundle-guard.ts'
import type { InForce } from './in-force.ts'
import { ownActions } from './own-actions.ts'
import { findFiles, findLast, findPin, releasePin, type Pin } from './policy-change.queries.ts'
import type { PolicyChecker } from './policy-checker.ts'
import { loadPolicySet, type Loaded } from './policy-loader.ts'
import { PolicyError } from './policy-problem.ts'
import type { PolicySet } from './policy-set.ts'
import { sourceOf } from './policy-source.ts'

interface Sources {
  readonly path: string
  readonly checker: PolicyChecker
  readonly db: Store
  readonly guard: BundleGuard
}

export interface PursuitOptions extends Sources {
  readonly inForce: InForce
  /** Keeps a set that is about to decide. Never throws. */
  readonly keep: (set: PolicySet) => Promise<void>
  /** What the directory is compared with to know whether a file has changed. */
  readonly filesVersion: string
  /** Why a set from files would newly close emergency access; null: it would not. */
  readonly whyClosed: (set: PolicySet) => Promise<string | null>
}

/** `published`: the database only. `news`: the directory as well. `anew`: what lies there is validated once more. */
export type Look = 'published' | 'news' | 'anew'

/** Brings into force what is to be: what is published, until a file changes; else what lies in the directory. */
export interface Pursuit {
  /** Looks once; to be called in turn. Answers what the audit log has to say of it. */
  look(how: Look): Promise<readonly EventFacts[]>
  filesVersion(): string
  /** Whether what is published decides here. */
  isPinned(): boolean
}

/** Why a set would newly close emergency access, beside the one that decided before it; null: it would not. */
export type WhyClosing = (sets: { readonly candidate: PolicySet; readonly before: PolicySet }) => Promise<string | null>

/**
 * The set to begin with. What is published comes first, unless a file has changed since; where it is no good any more
 * (a schema that is older than this program) the directory has to be. What lies there gives way to what decided last
 * where it was signed before that, is no good, or closes emergency access: the first look at the directory refuses it,
 * as a node that ran when it was edited would have. A node that restarts decides as the others do.
 */
export async function firstSet({
  path,
  checker,
  db,
  guard,
  whyClosing,
}: Sources & { readonly whyClosing: WhyClosing }): Promise<{ readonly set: PolicySet; readonly filesVersion: string }> {
  const pin = await findPin(db)
  const found = await loadPolicySet({ path, checker, guard, isKnown: () => false })
  if (pin !== null && (found.kind !== 'valid' || found.content === pin.filesVersion)) {
    const published = await loadPublished({ checker, db, guard }, pin)
    if (published.kind === 'valid') return { set: published.set, filesVersion: pin.filesVersion }
  }
  const loaded = await unlessOlder(guard, found)
  const newest = loaded === found ? null : await guard.newest()
  if (newest !== null) {
    const last = await loadPublished({ checker, db, guard }, newest)
    if (last.kind === 'valid') return { set: last.set, filesVersion: pin?.filesVersion ?? found.content }
  }
  const before = await setBefore({ checker, db, guard, whyClosing }, loaded)
  if (before !== null) return { set: before, filesVersion: pin?.filesVersion ?? before.version }
  if (loaded.kind === 'valid') return { set: loaded.set, filesVersion: pin?.filesVersion ?? loaded.content }
  await checker.close()
  throw loaded.kind === 'refused' ? loaded.error : new TypeError('no content is known before the first')
}

/** What decided last, where what lies there now may not take its place; null: it may, or nobody knows. */
async function setBefore(
  { checker, db, guard, whyClosing }: Omit<Sources, 'path'> & { readonly whyClosing: WhyClosing },
  loaded: Loaded,
): Promise<PolicySet | null> {
  const noted = await findLast(db)
  if (noted === null || noted.version === loaded.content) return null
  const before = await loadPublished({ checker, db, guard }, noted)
  if (before.kind !== 'valid') return null
  if (loaded.kind !== 'valid') return before.set
  return (await whyClosing({ candidate: loaded.set, before: before.set })) === null ? null : before.set
}

/** Opens the pursuit of a node. */
export function createPursuit(options: PursuitOptions): Pursuit {
  const { path, checker, db, guard, inForce, keep, filesVersion } = options
  let seen = filesVersion
  let pin: Pin | null = null
  /** A pin that a changed file has ended, and that the database does not know of yet. */
  let ended: string | null = null

  /** While the database is away, what was known last stays. */
  const readPin = async (): Promise<void> => {
    try {
      if (ended !== null) await releasePin(db, ended)
      ended = null
      pin = await findPin(db)
    } catch {
      if (pin?.id === ended) pin = null
    }
  }
  const take = async (loaded: Loaded): Promise<EventFacts | null> => {
    if (loaded.kind === 'valid' && !inForce.isKnown(loaded.content)) await keep(loaded.set)
    return inForce.take(loaded)
  }
  /** Not looked at again: a published set stays what it is. */
  let refused: string | null = null
  const takePin = async (at: Pin): Promise<EventFacts | null> => {
    if (at.id === refused || at.version === inForce.state().version) return null
    const loaded = await loadPublished({ checker, db, guard }, at)
    if (loaded.kind === 'refused') refused = at.id
    return take(loaded)
  }

  const takeFiles = async (how: 'news' | 'anew'): Promise<readonly EventFacts[]> => {
    const isKnown = (content: string): boolean =>
      how === 'news' &&
      (inForce.isKnown(content) || inForce.isKnown(older(content)) || (pin !== null && content === seen))
    const found = await loadPolicySet({ path, checker, guard, isKnown })
    // what lay there when something was published may be older than that, and so it stays
    const isOld = found.content === inForce.state().version || (pin !== null && found.content === seen)
    const loaded = isOld ? found : await unlessClosing(options, await unlessOlder(guard, found))
    if (pin === null) {
      if (isUsable(loaded)) seen = loaded.content
      return told([await take(loaded)])
    }
    if (loaded.content === seen) return told([await takePin(pin)])
    if (!isUsable(loaded)) return told([loaded.kind === 'refused' ? await take(loaded) : null, await takePin(pin)])
    // a changed file ends what was published, here at once and for all as soon as the database hears of it
    ended = pin.id
    pin = null
    seen = loaded.content
    const event = await take(loaded)
    await readPin()
    return told([event])
  }
  const isUsable = (loaded: Loaded): boolean =>
    loaded.kind === 'valid' || (loaded.kind === 'known' && loaded.content === inForce.state().version)

  return {
    filesVersion: () => seen,
    isPinned: () => pin !== null,
    look: async (how) => {
      await readPin()
      if (how !== 'published') return takeFiles(how)
      if (pin !== null) return told([await takePin(pin)])
      // another node has let it go: this one's files decide again
      return inForce.state().version === seen ? [] : takeFiles('news')
    },
  }
}

const told = (events: readonly (EventFacts | null)[]): readonly EventFacts[] => events.filter((event) => event !== null)

const older = (content: string): string => `${content} older`

/** The same, or why it may not take the place of what was signed later. */
async function unlessOlder(guard: BundleGuard, loaded: Loaded): Promise<Loaded> {
  if (loaded.kind !== 'valid') return loaded
  try {
    await guard.requireNewest(loaded.bundle)
    return loaded
  } catch (error) {
    if (error instanceof PolicyError) return { kind: 'refused', content: older(loaded.content), error }
    throw error
  }
}

/** The same, or why it may not take the place of a set by which there is emergency access. */
async function unlessClosing({ whyClosed }: Pick<PursuitOptions, 'whyClosed'>, loaded: Loaded): Promise<Loaded> {
  if (loaded.kind !== 'valid') return loaded
  const problem = await whyClosed(loaded.set)
  if (problem === null) return loaded
  const error = new PolicyError([{ file: 'policies', line: null, message: problem }])
  return { kind: 'refused', content: loaded.content, error }
}

/** Never throws for a set that is no good; a database that is away throws. */
async function loadPublished(
  { checker, db, guard }: Omit<Sources, 'path'>,
  { id, version }: Pick<Pin, 'id' | 'version'>,
): Promise<Loaded> {
  const files = await findFiles(db, id)
  try {
    const source = sourceOf(files ?? [], `the published set ${version}`)
    const bundle = guard.requireSigned(source)
    const set = await checker.check({ source, actions: ownActions })
    return { kind: 'valid', content: version, set, bundle }
  } catch (error) {
    if (error instanceof PolicyError) return { kind: 'refused', content: version, error }
    throw error
  }
}
