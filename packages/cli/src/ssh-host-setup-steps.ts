import {
  AGENT_PATH,
  agentScript,
  agentUnits,
  FOLLOW_PATH,
  HOST_KEY_MARK,
  SERVICE_PATH,
  TIMER_PATH,
} from './ssh-host-agent.ts'
import {
  blockOf,
  configuration,
  pinnedKey,
  presentConfiguration,
  puttingBack,
  reloading,
  withoutBlock,
} from './setup-script-parts.ts'
import { keysChanged, keysFile, keysUndone, keysWay } from './ssh-host-setup-keys.ts'
import { penaltyChecks, penaltyConfiguration, penaltyOutcome } from './ssh-host-setup-penalties.ts'
import { refusalChecks } from './ssh-host-setup-refusals.ts'
import {
  CA_PATH,
  CERTIFICATE_PATH,
  KRL_PATH,
  LOCK_PATH,
  principalLine,
  PRINCIPALS_PATH,
  SIGNERS_PATH,
  sshdLines,
  type HostSetup,
} from './ssh-host-setup-facts.ts'

/** Everything that is written, so that all of it can be put back. */
const OURS = [
  CA_PATH,
  KRL_PATH,
  LOCK_PATH,
  SIGNERS_PATH,
  CERTIFICATE_PATH,
  PRINCIPALS_PATH,
  AGENT_PATH,
  FOLLOW_PATH,
  SERVICE_PATH,
  TIMER_PATH,
]
const WRITTEN = ['"$config"', '"$drop_in"', ...OURS]

/** What systemd is told to run. */
const UNITS = 'gatehouse-krl-follow.service gatehouse-krl.timer'

const ourBlock = blockOf('GATEHOUSE')

/** What is shared by both ways: a copy of everything, its way back, and how sshd is told. */
const common = (setup: HostSetup): readonly string[] => [
  'if [ -L "$config" ]; then config=$(readlink -f "$config"); fi',
  ...(hasKey(setup) ? keysFile(setup) : []),
  ...puttingBack(WRITTEN, hasKey(setup) ? keysWay : undefined),
  ...withoutBlock(ourBlock),
  ...reloading,
]

/** Whether Gatehouse gets in by a line in a file of keys. */
const hasKey = ({ access }: HostSetup): boolean => access === 'managementKey'

/** `--undo`: takes back what the script wrote, and puts it back where sshd does not take that. */
export const undoOf = (setup: HostSetup): readonly string[] => [
  ...common(setup),
  'if [ "${1-}" = --undo ]; then',
  '  save_all',
  '  without_block "$config" > "$saved/config"',
  '  cmp -s "$saved/config" "$config" || cat "$saved/config" > "$config"',
  ...(hasKey(setup) ? keysUndone : []),
  '  rm -rf "$drop_in"',
  '  "$sshd" -t -f "$config" || stop "sshd does not take its configuration without ours"',
  '  reload',
  '  if [ -d /run/systemd/system ]; then',
  `    systemctl disable --now ${UNITS} 2> /dev/null || true`,
  '    # what the timer has begun is not to find its files gone',
  '    systemctl stop gatehouse-krl.service 2> /dev/null || true',
  '  fi',
  '  # beside the list: what an agent that was killed has left',
  `  rm -rf ${OURS.join(' ')} ${KRL_PATH}.??????`,
  '  [ ! -d /run/systemd/system ] || systemctl daemon-reload',
  '  finished=1',
  '  echo "this machine does not trust Gatehouse any more"',
  '  exit 0',
  'fi',
  '[ $# = 0 ] || [ "$1" = --check ] || stop "the only arguments are --check and --undo"',
  '',
]

/** Nothing is changed before all of this holds. */
export const checksOf = (setup: HostSetup): readonly string[] => [
  '# 1. Checks. Nothing is changed before all of them hold.',
  'for tool in curl ssh-keygen awk cmp od fold flock; do',
  '  command -v "$tool" > /dev/null || stop "$tool is missing: install it"',
  'done',
  'case "$(ssh-keygen -Y verify 2>&1)" in *"unknown option"* | *"illegal option"*)',
  '  stop "ssh-keygen is older than OpenSSH 8.1, and cannot tell a list of Gatehouse from a forged one" ;;',
  'esac',
  ...presentConfiguration,
  ...pinnedKey(setup),
  'case "$found" in *[!A-Za-z0-9._/@%+-]*) stop "the path of the host key cannot stand in a script: $found" ;; esac',
  ...noOtherAuthority(setup),
  ...refusalChecks(setup),
  ...penaltyChecks(setup),
  'if [ "${1-}" = --check ]; then',
  '  echo "nothing in the configuration of sshd stands in the way of Gatehouse"',
  '  exit 0',
  'fi',
  '',
]

/** One list of principals counts for all CAs: a second CA on a host would change what the first one's open. */
const noOtherAuthority = ({ accounts, user }: HostSetup): readonly string[] => [
  'elsewhere() { # what all but our own lines say of a setting, also inside of a Match',
  '  without_block "$config" > "$saved/all"',
  '  if grep -Eiq "^[[:space:]]*Include[[:space:]]" "$saved/all"; then',
  '    for file in /etc/ssh/sshd_config.d/*.conf; do',
  '      if [ "$file" != "$drop_in" ] && [ -f "$file" ]; then cat "$file" >> "$saved/all"; fi',
  '    done',
  '  fi',
  '  awk -v name="$1" \'tolower($1) == name && tolower($2) != "none" { print $2 }\' "$saved/all"',
  '}',
  'others() { # that, and what is in force for any of these accounts, from wherever it comes',
  '  elsewhere "$1"',
  `  for account in ${[...new Set(['root', ...accounts, user])].map((account) => `'${account}'`).join(' ')}; do`,
  '    of "$account" "$1" | grep -v -e "^none$" -e "^/etc/ssh/gatehouse" || true',
  '  done',
  '}',
  'for name in trustedusercakeys revokedkeys authorizedprincipalsfile authorizedprincipalscommand; do',
  '  other=$(others "$name" | head -n 1)',
  '  [ -z "$other" ] || stop "sshd has $name set to $other already, which this script would replace. ' +
    'Principals and revoked keys count for every CA of a host, so take it out first, ' +
    'or register the host with --access managementKey and put no certificates on it"',
  'done',
]

/** In one go: written, tried, and only then in force. */
export const changesOf = (setup: HostSetup): readonly string[] => [
  '# 2. What keeps the revocation list fresh, and the first list. Only one that Gatehouse signed is ever put there.',
  'save_all',
  ...agent(setup),
  `${AGENT_PATH} once || stop "there is no good revocation list from ${setup.serverUrl}"`,
  ...(setup.certified ? [`${AGENT_PATH} certify || stop "the host certificate could not be had"`] : []),
  '',
  '# 3. What sshd trusts, and what it no longer does.',
  `echo '${setup.caLine}' > ${CA_PATH}`,
  ...(setup.authorityLine === null ? [] : [`echo '${setup.authorityLine}' >> ${CA_PATH}`]),
  `chmod 644 ${CA_PATH}`,
  `rm -rf ${PRINCIPALS_PATH}`,
  ...principals(setup),
  ...configuration({ lines: sshdLines(setup), command: penaltyConfiguration }, ourBlock),
  ...(hasKey(setup) ? keysChanged(setup) : []),
  '# 5. Only a configuration that sshd accepts, and that says what it should, is put in force.',
  '"$sshd" -t -f "$config" || stop "sshd does not take the new configuration"',
  `[ "$(setting trustedusercakeys)" = ${CA_PATH} ] || stop "another part of sshd's configuration stands before ours"`,
  penaltyOutcome,
  'reload || stop "sshd could not be told"',
  'finished=1',
  'if [ -d /run/systemd/system ]; then',
  `  systemctl daemon-reload && systemctl enable ${UNITS} && systemctl restart ${UNITS}`,
  'else',
  `  echo "no systemd here: keep ${AGENT_PATH} follow running, or run ${AGENT_PATH} once every minute" >&2`,
  'fi',
  `echo "this machine trusts Gatehouse now. Next: gatehouse ssh-host check ${setup.name}"`,
]

const agent = (setup: HostSetup): readonly string[] => [
  `mkdir -p "$(dirname ${AGENT_PATH})" "$(dirname ${TIMER_PATH})"`,
  `echo '${setup.signersLine}' > ${SIGNERS_PATH}`,
  `sed "s|${HOST_KEY_MARK}|$found|" > ${AGENT_PATH} <<'SCRIPT'`,
  ...agentScript(setup),
  'SCRIPT',
  `chmod 755 ${AGENT_PATH}`,
  ...agentUnits().flatMap(({ path, lines }) => [`cat > ${path} <<'UNIT'`, ...lines, 'UNIT']),
]

const principals = (setup: HostSetup): readonly string[] =>
  setup.unbound
    ? []
    : [
        `mkdir -m 755 ${PRINCIPALS_PATH}`,
        ...[...new Set([...setup.accounts, setup.user])].map(
          (account) => `echo '${principalLine(setup, account)}' > '${PRINCIPALS_PATH}/${account}'`,
        ),
      ]
