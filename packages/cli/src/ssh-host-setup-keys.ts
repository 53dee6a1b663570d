import type { OwnWay } from './setup-script-parts.ts'
import { managementKeyLine, type HostSetup } from './ssh-host-setup-facts.ts'

// Lines of shell by which the management key comes to stand in an account's file of keys, and is taken out again.
// Whoever has the account decides what lies in its directories: a link there could lead to any file of the machine. So
// what lies in directories that are not root's is read and written with no more than the account's own rights.

/** Where the line is: the registered path, or the account's own file. */
const pathOf = ({ user, authorizedKeysPath }: HostSetup): readonly string[] => {
  if (authorizedKeysPath !== null)
    return [`keys='${authorizedKeysPath.replace(/%([u%])/g, (_, token: string) => (token === 'u' ? user : '%'))}'`]
  return [
    `home=$(getent passwd '${user}' | cut -d: -f6)`,
    `[ -n "$home" ] || stop "there is no account ${user} on this machine"`,
    'keys="$home/.ssh/authorized_keys"',
  ]
}

/** `$keys`, and how it is read and written. */
export const keysFile = (setup: HostSetup): readonly string[] => [
  ...pathOf(setup),
  'as_owner() { "$@"; }',
  'directory=$(dirname "$keys")',
  'while [ "$directory" != / ]; do',
  '  if [ -e "$directory" ] || [ -L "$directory" ]; then',
  '    if [ "$(ls -ldn "$directory" | awk \'{ print $3 }\')" != 0 ]; then',
  '      command -v runuser > /dev/null || stop "runuser is missing: install it (util-linux)"',
  `      as_owner() { runuser -u '${setup.user}' -- "$@"; }`,
  '    fi',
  '  fi',
  '  directory=$(dirname "$directory")',
  'done',
  'save_keys() {',
  '  if as_owner test -f "$keys"; then',
  '    as_owner cat "$keys" > "$saved/keys.part" || stop "$keys cannot be read as its owner"',
  '    mv "$saved/keys.part" "$saved/keys.before"',
  '  else : > "$saved/keys.none"; fi',
  '}',
  'write_keys() { as_owner sh -c \'umask 077; cat > "$1"\' sh "$keys"; }',
  'put_back_keys() {',
  '  if [ -f "$saved/keys.before" ]; then write_keys < "$saved/keys.before"',
  '  elif [ -f "$saved/keys.none" ]; then as_owner rm -f "$keys"; fi',
  '}',
  'without_key() { # every line of what was there, but the one with the management key',
  `  [ ! -f "$saved/keys.before" ] || grep -vF '${bareKey(setup.managementLine)}' "$saved/keys.before" || true`,
  '}',
]

/** A copy of that file, and its way back. */
export const keysWay: OwnWay = { save: 'save_keys', putBack: 'put_back_keys' }

/** Type and base64 without the comment. */
const bareKey = (line: string): string => line.split(' ').slice(0, 2).join(' ')

/** Takes the line out. */
export const keysUndone: readonly string[] = [
  '  if [ -f "$saved/keys.before" ]; then without_key > "$saved/keys"; write_keys < "$saved/keys"; fi',
]

/** Puts the line in. */
export const keysChanged = (setup: HostSetup): readonly string[] => [
  `# 4. How Gatehouse itself gets in as ${setup.user}: sftp only, from its own addresses.`,
  `[ -d "$(dirname "$keys")" ] || as_owner install -d -m 700 -o '${setup.user}' "$(dirname "$keys")"`,
  `as_owner test -e "$keys" || as_owner install -m 600 -o '${setup.user}' /dev/null "$keys"`,
  '# awk ends every line, also a last one that had no end',
  "{ without_key | awk '{ print }'; echo '" + managementKeyLine(setup) + '\'; } > "$saved/keys"',
  'write_keys < "$saved/keys" || stop "$keys cannot be written as its owner"',
  '',
]
