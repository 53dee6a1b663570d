import { isSshAccount, isUuid, sshAccountRule } from '@gatehouse/kit'
import type { z } from 'zod'
import { personal } from './personal.ts'
import { textOf } from './text.ts'

/** The longest name of anything; long enough for an e-mail address as most organisations write them. */
const nameLengthMax = 64

/**
 * ASCII only, so nothing that merely looks like another name is a name. Begins with a letter or digit: a name is never
 * a flag.
 */
const userNameForm = new RegExp(`^[a-z0-9][a-z0-9._@+-]{0,${nameLengthMax - 1}}$`)

/** What a user name looks like, in words for who has chosen another. */
export const userNameRule =
  'letters from a to z, digits and . _ @ + -, beginning with a letter or digit, ' +
  `at most ${nameLengthMax} characters, and not in the form of an id; a name as people write it is the display name`

const foldUserName = (text: string): string => text.normalize('NFKC').toLowerCase().trim()

const isUserName = (text: string): boolean => userNameForm.test(text) && !isUuid(text)

/**
 * The one form of a user name: for log-in, throttles, audit and storage alike. Null: no user can have this name.
 * Spellings (full-width letters, case, outer blanks) are folded before the check; zero-width characters, controls and
 * look-alikes do not fold to ASCII and are refused, so two spellings are one user or no user.
 */
export function canonicalName(text: string): string | null {
  const folded = foldUserName(text)
  return isUserName(folded) ? folded : null
}

const thingNameForm = new RegExp(`^[a-z0-9][a-z0-9._-]{0,${nameLengthMax - 1}}$`)
const isThingName = (text: string): boolean => thingNameForm.test(text) && !isUuid(text)
const thingNameRule =
  'lower-case letters from a to z, digits, ., - and _, beginning with a letter or digit, ' +
  `at most ${nameLengthMax} characters, and not in the form of an id`

const newThing = (): z.ZodString => textOf({ what: thingNameRule, charactersMax: nameLengthMax, form: isThingName })

/** A text in UUID form is only ever an id, all else only ever a name; both are compared without case. */
const referenceTo = (thing: string, isName: (text: string) => boolean): z.ZodString =>
  textOf({
    what: `the name or id of ${thing}`,
    charactersMax: nameLengthMax,
    fold: foldUserName,
    form: (text) => isUuid(text) || isName(text),
  })

/** A person's name as it is chosen: in any case, kept in one. */
export const UserName = personal(
  textOf({ what: userNameRule, charactersMax: nameLengthMax, fold: foldUserName, form: isUserName }),
)
/** The same in a table of people: whether it can be one is said together with all else that is wrong with a row. */
export const ImportedUserName = textOf({ what: userNameRule, charactersMax: nameLengthMax, fold: foldUserName })
/** A name as somebody types it to log in. Which names can be, strangers are not told: a wrong one is a wrong one. */
export const LoginName = personal(textOf({ what: 'your user name', charactersMax: 256, fold: (text) => text.trim() }))
export const TeamName = newThing()
export const ServiceAccountName = newThing()
export const HostName = newThing()
export const WorkspaceName = newThing()
export const KeyName = newThing()
/** A backend that wraps keys, as the settings name it. */
export const KeyBackendName = newThing()
export const SecretBackendName = newThing()
export const SecretRoleName = newThing()

/** Our own CA, where hosts name the authority that signs for them. */
export const ownSshAuthority = 'gatehouse'
export const SshAuthorityName = textOf({
  what: `${thingNameRule}; \`${ownSshAuthority}\` is our own`,
  charactersMax: nameLengthMax,
  form: (text) => isThingName(text) && text !== ownSshAuthority,
})

export const UserReference = personal(referenceTo('a person', isUserName))
export const TeamReference = referenceTo('a team', isThingName)
export const ServiceAccountReference = referenceTo('a service account', isThingName)
export const WorkspaceReference = referenceTo('a workspace', isThingName)
export const HostReference = referenceTo('a host', isThingName)
export const KeyReference = referenceTo('a key', isThingName)
export const SecretBackendReference = referenceTo('a secret backend', isThingName)
export const SecretRoleReference = referenceTo('a secret role', isThingName)
export const SshAuthorityReference = referenceTo('an SSH authority', isThingName)
/** A person or a service account. */
export const PrincipalReference = personal(referenceTo('a person or service account', isUserName))

/** An account of a host: one name, and never one that a file of sshd reads as two or as a pattern. */
export const HostAccount = textOf({ what: sshAccountRule, charactersMax: 64, form: isSshAccount })
