/** A key of AWS KMS as a file or a person names it. */
export interface AwsNamedKey {
  readonly arn: string
  /** The role that may use it; empty: whoever this machine is. */
  readonly role: string
  /** The profile that whoever wrote the name has for it; empty: none. */
  readonly profile: string
  /** What the key is told beside the data, and has to be told again. */
  readonly context: Readonly<Record<string, string>>
}

// The Region becomes a part of a host's name, and the file that names it may be a stranger's (threat C17).
const arnForm =
  /^arn:aws[\w-]{0,20}:kms:([a-z0-9-]{1,32}):\d{12}:(?:key\/[A-Za-z0-9-]{1,64}|alias\/[A-Za-z0-9/_-]{1,250})$/
const roleForm = /^arn:aws[\w-]{0,20}:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/

/** The Region of a key, `arn:aws:kms:<region>:<account>:key/<id>` or an alias there; null for what names none. */
export const awsRegionOf = (arn: string): string | null => arnForm.exec(arn)?.[1] ?? null

export const isAwsRole = (text: string): boolean => roleForm.test(text)
