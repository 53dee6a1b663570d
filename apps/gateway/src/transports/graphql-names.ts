import { graphqlFieldOf, type OperationName } from '@gatehouse/contract'

/** `ssh-certificate`, `passwordChange`, `Admin` → `SSH_CERTIFICATE`, `PASSWORD_CHANGE`, `ADMIN`. */
export const enumNameOf = (value: string): string =>
  value
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()

/** `lease.list` → `LeaseList`, the stem of generated type names. */
export const typeStemOf = (name: OperationName): string => {
  const field = graphqlFieldOf(name)
  return field.charAt(0).toUpperCase() + field.slice(1)
}
