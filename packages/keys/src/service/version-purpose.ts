import { associatedDataOf } from '../wrap.ts'

/** What one backend wraps of a version: all of its material, or a share by its number. */
export interface WrapPlace {
  readonly keyId: string
  readonly version: number
  readonly share: number | null
}

/** What is wrapped of one version, or as one share, cannot be moved to another. */
export const versionPurpose = ({ keyId, version, share }: WrapPlace): string =>
  share === null
    ? associatedDataOf({ table: 'kms_version_wrap', column: 'wrapped', id: `${keyId}/${version}` })
    : associatedDataOf({ table: 'kms_version_wrap', column: 'share', id: `${keyId}/${version}/${share}` })
