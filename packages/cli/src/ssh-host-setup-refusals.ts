import type { HostSetup } from './ssh-host-setup-facts.ts'

/**
 * What in sshd's own configuration would refuse people's certificates, or Gatehouse itself, whatever else is set up:
 * asked of sshd for each account, and told with the line that says so.
 */
export const refusalChecks = (setup: HostSetup): readonly string[] => [
  'lines_of() { # where the configuration says something of $1',
  '  for file in "$config" /etc/ssh/sshd_config.d/*.conf; do',
  '    if [ -f "$file" ]; then',
  '      awk -v name="$1" -v file="$file" \'tolower($1) == name { print file ":" NR ": " $0 }\' "$file"',
  '    fi',
  '  done',
  '}',
  'refuse() { # because of the setting $1, for the reason $2',
  '  where=$(lines_of "$1" | head -n 3)',
  '  stop "$2: ${where:-by what this sshd does where nothing is said of $1}"',
  '}',
  'has() { case ",$1," in *",$2,"*) return 0 ;; esac; return 1; }',
  'names() { # whether one of the patterns in $1 is for one of the accounts or groups in $2',
  '  for pattern in $1; do',
  '    for name in $2; do case "$name" in ${pattern%%@*}) return 0 ;; esac; done',
  '  done',
  '  return 1',
  '}',
  ...keyTypeChecks(setup),
  `for account in ${[...new Set([...setup.accounts, setup.user])].map((account) => `'${account}'`).join(' ')}; do`,
  '  [ "$(of "$account" pubkeyauthentication)" != no ] ||',
  '    refuse pubkeyauthentication "sshd takes no keys of $account"',
  '  set -f # patterns are for accounts, and not for files',
  '  allowed=$(of "$account" allowusers) denied=$(of "$account" denyusers)',
  '  [ -z "$allowed" ] || names "$allowed" "$account" || refuse allowusers "sshd does not let $account in"',
  '  ! names "$denied" "$account" || refuse denyusers "sshd does not let $account in"',
  '  groups=$(id -nG "$account" 2> /dev/null || true)',
  '  allowed=$(of "$account" allowgroups) denied=$(of "$account" denygroups)',
  '  [ -z "$allowed" ] || names "$allowed" "$groups" || refuse allowgroups "sshd does not let $account in"',
  '  ! names "$denied" "$groups" || refuse denygroups "sshd does not let $account in"',
  '  set +f',
  '  case " $(of "$account" authenticationmethods) " in "  " | *" any "* | *" publickey "*) ;;',
  '  *) refuse authenticationmethods "sshd asks $account for more than a certificate" ;;',
  '  esac',
  '  [ "$account" != root ] || [ "$(of root permitrootlogin)" != no ] ||',
  '    refuse permitrootlogin "sshd does not let root in"',
  'done',
]

/** A certificate is of an Ed25519 key and signed by one; who gets in by the management key has a bare one. */
const keyTypeChecks = ({ access }: HostSetup): readonly string[] => [
  'kinds=$(of root pubkeyacceptedalgorithms)',
  '[ -n "$kinds" ] || kinds=$(of root pubkeyacceptedkeytypes)',
  `has "$kinds" ${access === 'ca' ? 'ssh-ed25519-cert-v01@openssh.com' : 'ssh-ed25519'} ||`,
  `  refuse pubkeyacceptedalgorithms "sshd takes no Ed25519 ${access === 'ca' ? 'certificates' : 'keys'}"`,
  'signers=$(of root casignaturealgorithms)',
  '[ -z "$signers" ] || has "$signers" ssh-ed25519 ||',
  '  refuse casignaturealgorithms "sshd takes no certificate that an Ed25519 key has signed"',
]
