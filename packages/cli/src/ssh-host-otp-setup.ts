import { HELPER_PATH, helperScript } from './ssh-host-otp-script.ts'
import type { HostSetup } from './ssh-host-setup-facts.ts'
import {
  blockOf,
  configuration,
  pinnedKey,
  presentConfiguration,
  puttingBack,
  reloading,
  withoutBlock,
} from './setup-script-parts.ts'

const ourBlock = blockOf('GATEHOUSE OTP')

/** What of a host the script for its passwords has to know. */
export type OtpSetup = Pick<HostSetup, 'serverUrl' | 'name' | 'hostKey' | 'fingerprint' | 'accounts'>

/** Everything that is written, so that all of it can be put back. */
const written = ['"$config"', '"$drop_in"', '"$pam"', HELPER_PATH]

/**
 * A POSIX script by which a host takes one-time passwords for its accounts, and no other passwords for them over SSH:
 * PAM asks our helper and nothing after it. It checks first and changes then, puts everything back where sshd does not
 * take the result, may be run again, and with `--undo` takes itself back.
 */
export const otpSetupScript = (setup: OtpSetup): string =>
  [...head(setup), ...undo, ...checks(setup), ...changes(setup)].join('\n') + '\n'

const head = ({ serverUrl, name }: OtpSetup): readonly string[] => [
  '#!/bin/sh',
  `# Has this machine, registered as ${name}, take one-time passwords of the Gatehouse at ${serverUrl}.`,
  '# Run as root. It may be run again, and `--undo` as its argument takes back what it did.',
  'set -eu',
  'umask 022',
  'config=/etc/ssh/sshd_config',
  'drop_in=/etc/ssh/sshd_config.d/51-gatehouse-otp.conf',
  'pam=/etc/pam.d/sshd',
  'sshd=$(command -v sshd || echo /usr/sbin/sshd)',
  'stop() { echo "gatehouse setup: $1" >&2; exit 1; }',
  '[ "$(id -u)" = 0 ] || stop "run this as root"',
  '[ -x "$sshd" ] || stop "there is no sshd on this machine"',
  'if [ -L "$config" ]; then config=$(readlink -f "$config"); fi',
  'if [ -L "$pam" ]; then pam=$(readlink -f "$pam"); fi',
  ...puttingBack(written),
  ...withoutBlock(ourBlock),
  ...reloading,
]

const undo: readonly string[] = [
  'if [ "${1-}" = --undo ]; then',
  '  save_all',
  '  without_block "$config" > "$saved/config"',
  '  cmp -s "$saved/config" "$config" || cat "$saved/config" > "$config"',
  '  if [ -f "$pam" ]; then',
  '    without_block "$pam" > "$saved/pam"',
  '    cmp -s "$saved/pam" "$pam" || cat "$saved/pam" > "$pam"',
  '  fi',
  '  rm -f "$drop_in"',
  '  "$sshd" -t -f "$config" || stop "sshd does not take its configuration without ours"',
  '  reload',
  `  rm -f ${HELPER_PATH}`,
  '  finished=1',
  '  echo "this machine takes no one-time passwords any more"',
  '  exit 0',
  'fi',
  '[ $# = 0 ] || stop "the only argument is --undo"',
  '',
]

/** Nothing is changed before all of this holds. */
const checks = (setup: OtpSetup): readonly string[] => [
  '# 1. Checks. Nothing is changed before all of them hold.',
  'for tool in curl awk cmp dd tr; do command -v "$tool" > /dev/null || stop "$tool is missing: install it"; done',
  ...presentConfiguration,
  ...pinnedKey(setup),
  '[ -f "$pam" ] || stop "there is no $pam: this sshd does not ask PAM by that name"',
  'for module in pam_exec.so pam_permit.so pam_succeed_if.so; do',
  '  set -- /lib*/security/$module /lib/*/security/$module /usr/lib*/security/$module /usr/lib/*/security/$module',
  '  while [ $# -gt 0 ] && [ ! -e "$1" ]; do shift; done',
  '  [ $# -gt 0 ] || stop "$module is missing: install the modules of PAM"',
  'done',
  '[ "$(setting usepam)" = yes ] || stop "sshd does not ask PAM: set UsePAM yes, and see who can log in by it then"',
  '[ "$(setting usedns)" != yes ] || stop "sshd gives names in place of addresses: set UseDNS no"',
  '# what answers has to be Gatehouse, before anybody is let in by its word',
  `echoed=$(curl --disable --silent --show-error --max-time 20 --data-binary '{"otp":"verify-echo-request"}' ` +
    `'${setup.serverUrl}/v1/ssh/verify') || stop "${setup.serverUrl} cannot be reached"`,
  'case "$echoed" in',
  '  *\'"verify-echo-response"\'*) ;;',
  `  *) stop "${setup.serverUrl} does not answer as Gatehouse does" ;;`,
  'esac',
  '',
]

const changes = (setup: OtpSetup): readonly string[] => [
  '# 2. The helper that asks Gatehouse.',
  'save_all',
  `mkdir -p "$(dirname ${HELPER_PATH})"`,
  `cat > ${HELPER_PATH} <<'SCRIPT'`,
  ...helperScript(setup),
  'SCRIPT',
  `chmod 755 ${HELPER_PATH}`,
  '',
  '# 3. PAM: of these accounts our helper has the only say, of all others it has none.',
  'without_block "$pam" > "$saved/pam.before"',
  'cat - "$saved/pam.before" > "$saved/pam" <<\'PAM\'',
  ourBlock.begin,
  ...pamLines(setup),
  ourBlock.end,
  'PAM',
  'cat "$saved/pam" > "$pam"',
  '',
  '# 4. sshd: these accounts may be asked for a password.',
  ...configuration({ lines: sshdLines(setup) }, ourBlock),
  '# 5. Only a configuration that sshd accepts, and that says what it should, is put in force.',
  '"$sshd" -t -f "$config" || stop "sshd does not take the new configuration"',
  `for account in ${setup.accounts.map((account) => `'${account}'`).join(' ')}; do`,
  '  [ "$(setting kbdinteractiveauthentication "$account")" = yes ] || ' +
    'stop "another part of sshd\'s configuration stands before ours"',
  '  case "$(setting authenticationmethods "$account")" in any | *keyboard-interactive*) ;;',
  '    *) stop "AuthenticationMethods leaves no room for a password of $account" ;;',
  '  esac',
  '  if [ "$account" = root ] && [ "$(setting permitrootlogin root)" != yes ]; then',
  '    echo "gatehouse setup: PermitRootLogin keeps root from logging in by a password" >&2',
  '  fi',
  'done',
  'reload || stop "sshd could not be told"',
  'finished=1',
  `echo "this machine takes one-time passwords now. Next: gatehouse ssh otp ${setup.name} --purpose 'try it'"`,
]

/**
 * Nothing after ours is asked whether somebody of these accounts gets in: a password of the system would else open by
 * SSH what it did not open before. `pam_permit` stands for our helper's yes where PAM goes the same way again for the
 * credentials of the session; sshd itself asks for those anew, and has them from the lines after ours, as before.
 */
const pamLines = ({ accounts }: OtpSetup): readonly string[] => [
  `auth [success=ignore default=2] pam_succeed_if.so quiet user in ${accounts.join(':')}`,
  `auth [success=ignore default=die] pam_exec.so quiet expose_authtok ${HELPER_PATH}`,
  'auth [success=done default=die] pam_permit.so',
]

/** The block may stand at the top of the whole configuration, so it ends what it began. */
const sshdLines = ({ accounts }: OtpSetup): readonly string[] => [
  `Match User ${accounts.join(',')}`,
  '  KbdInteractiveAuthentication yes',
  'Match all',
]
