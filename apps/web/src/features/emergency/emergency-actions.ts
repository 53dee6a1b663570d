import { documents, enumSpellings } from '../../generated/documents.ts'
import type { CallName } from '../../wire.ts'
import { actWords } from '../../words.ts'

const isCall = (name: string): name is CallName => Object.hasOwn(documents, name)

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** An action as people say it: `Sign your public key for a host`. */
export const actionWords = (name: string): string => (isCall(name) ? capital(actWords({ operation: name })) : name)

/** Everything that emergency access can be asked for. */
export const emergencyActions: readonly { readonly name: string; readonly words: string }[] = Object.values(
  enumSpellings.BreakGlassAction,
).map((name) => ({ name, words: actionWords(name) }))

/** What `ssh connect` does on a host, to the end, where the certificate is revoked: more is ticked by who needs it. */
export const suggestedActions: readonly string[] = [
  'sshHost.list',
  'sshHost.get',
  'sshCertificate.sign',
  'sshCertificate.revoke',
]
