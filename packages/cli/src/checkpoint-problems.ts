import { isSignedBy, parseCheckpoint, parseVerifier, type ParsedCheckpoint } from '@gatehouse/audit/verify'
import type { Wire } from '@gatehouse/contract'
import type { RememberedCheckpoint } from './remembered-checkpoints.ts'

/** Something wrong with the audit log, as the server says it, too. */
export type AuditProblem = Wire<'audit.verify'>['problems'][number]

interface Compared {
  readonly verification: Wire<'audit.verify'>
  /** The server's checkpoint key now. */
  readonly publicKey: string
  readonly remembered: RememberedCheckpoint | null
}

/**
 * What this machine finds wrong by itself, without believing the server: signature, key, and whether the audit log
 * shrank.
 */
export const checkpointProblems = ({ verification, publicKey, remembered }: Compared): readonly AuditProblem[] => {
  const { checkpoint } = verification
  const known = remembered === null ? [] : keyProblems(publicKey, remembered)
  if (checkpoint === null)
    return [
      ...known,
      ...(remembered === null
        ? []
        : [
            problem(
              'checkpoint-missing',
              `the audit log has no checkpoint any more; one of size ${remembered.size} was seen on ${remembered.at}`,
            ),
          ]),
    ]
  const note = parseCheckpoint(checkpoint)
  if (note === null) return [...known, problem('checkpoint-malformed', 'the checkpoint cannot be read')]
  return [
    ...known,
    ...(isSigned(note, remembered?.publicKey ?? publicKey)
      ? []
      : [problem('checkpoint-signature', "the checkpoint is not signed by the audit log's key")]),
    ...(remembered === null ? [] : shrinkProblems(note, remembered)),
  ]
}

const isSigned = (note: ParsedCheckpoint, publicKey: string): boolean => {
  const verifier = parseVerifier(publicKey)
  return verifier !== null && isSignedBy(note, verifier)
}

const keyProblems = (publicKey: string, remembered: RememberedCheckpoint): readonly AuditProblem[] =>
  publicKey === remembered.publicKey
    ? []
    : [problem('checkpoint-key-changed', `the audit log's key is not the one that was seen on ${remembered.at}`)]

const shrinkProblems = (note: ParsedCheckpoint, remembered: RememberedCheckpoint): readonly AuditProblem[] => {
  if (note.size < remembered.size)
    return [
      problem(
        'checkpoint-shrank',
        `the audit log has ${note.size} entries; it had ${remembered.size} on ${remembered.at}`,
      ),
    ]
  if (note.size === remembered.size && rootText(note) !== remembered.root)
    return [
      problem('checkpoint-forked', `the audit log of ${note.size} entries is another one than on ${remembered.at}`),
    ]
  return []
}

/** The root of a checkpoint as it is written there: base64. */
export const rootText = ({ root }: Pick<ParsedCheckpoint, 'root'>): string => Buffer.from(root).toString('base64')

const problem = (kind: string, message: string): AuditProblem => ({ seq: null, kind, message })
