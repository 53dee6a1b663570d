/** What a host is told about its Gatehouse. All of it was checked: it ends up in a script that runs as root. */
export interface HostSetup {
  readonly serverUrl: string
  readonly caLine: string
  readonly managementLine: string
  readonly access: 'ca' | 'managementKey'
  readonly user: string
  readonly gatewayAddresses: readonly string[]
}

const CA_PATH = '/etc/ssh/gatehouse_ca.pub'
const KRL_PATH = '/etc/ssh/gatehouse.krl'
const DROP_IN = '/etc/ssh/sshd_config.d/50-gatehouse.conf'

/** How old the revocation list of a host may get, as systemd writes it. */
const KRL_REFRESH = '1min'

/** What sshd has to know. */
export const sshdLines: readonly string[] = [`TrustedUserCAKeys ${CA_PATH}`, `RevokedKeys ${KRL_PATH}`]

/** The line by which Gatehouse itself gets in where it has no certificate: sftp only, from its own addresses only. */
export const managementKeyLine = ({
  gatewayAddresses,
  managementLine,
}: Pick<HostSetup, 'gatewayAddresses' | 'managementLine'>): string =>
  `restrict,command="internal-sftp",from="${gatewayAddresses.join(',')}" ${managementLine}`

/**
 * A POSIX script for the host: CA, revocation list, sshd, and the timer that keeps the list fresh. May be run again.
 */
export const setupScript = (setup: HostSetup): string =>
  [
    ...head(setup),
    ...krlUnits(setup),
    ...firstList,
    ...trust(setup),
    ...(setup.access === 'managementKey' ? managementKey(setup) : []),
    ...reload,
  ].join('\n') + '\n'

const head = ({ serverUrl }: HostSetup): readonly string[] => [
  '#!/bin/sh',
  `# Makes this host trust the Gatehouse at ${serverUrl}. Run as root; may be run again.`,
  'set -eu',
  '',
]

/**
 * curl writes beside the list and mv puts it in place: sshd must never meet half a list, which would lock everybody
 * out.
 */
const krlUnits = ({ serverUrl }: HostSetup): readonly string[] => [
  '# 1. A timer that keeps the revocation list fresh. A list that ssh-keygen cannot read never replaces one that it can.',
  "cat > /usr/local/sbin/gatehouse-krl <<'SCRIPT'",
  '#!/bin/sh',
  'set -eu',
  `new=$(mktemp ${KRL_PATH}.XXXXXX)`,
  'trap \'rm -f "$new"\' EXIT',
  `curl --fail --silent --show-error --max-time 20 --output "$new" '${serverUrl}/ssh/krl'`,
  'ssh-keygen -Q -l -f "$new" > /dev/null',
  'chmod 644 "$new"',
  `mv -f "$new" ${KRL_PATH}`,
  'SCRIPT',
  'chmod 755 /usr/local/sbin/gatehouse-krl',
  "cat > /etc/systemd/system/gatehouse-krl.service <<'UNIT'",
  '[Unit]',
  'Description=Fetch the revocation list of Gatehouse',
  'Wants=network-online.target',
  'After=network-online.target',
  '',
  '[Service]',
  'Type=oneshot',
  'ExecStart=/usr/local/sbin/gatehouse-krl',
  'UNIT',
  "cat > /etc/systemd/system/gatehouse-krl.timer <<'UNIT'",
  '[Unit]',
  'Description=Keep the revocation list of Gatehouse fresh',
  '',
  '[Timer]',
  'OnBootSec=10s',
  `OnUnitActiveSec=${KRL_REFRESH}`,
  'AccuracySec=5s',
  '',
  '[Install]',
  'WantedBy=timers.target',
  'UNIT',
  '',
]

const firstList: readonly string[] = [
  '# 2. The list must be there before sshd is told of it.',
  '/usr/local/sbin/gatehouse-krl',
  'if [ -d /run/systemd/system ]; then systemctl daemon-reload && systemctl enable --now gatehouse-krl.timer; else echo "no systemd here: run /usr/local/sbin/gatehouse-krl every minute" >&2; fi',
  '',
]

const trust = ({ caLine }: HostSetup): readonly string[] => [
  '# 3. What sshd trusts, and what it no longer does.',
  `echo '${caLine}' > ${CA_PATH}`,
  `chmod 644 ${CA_PATH}`,
  'mkdir -p /etc/ssh/sshd_config.d',
  `cat > ${DROP_IN} <<'CONFIG'`,
  ...sshdLines,
  'CONFIG',
  "grep -Eiq '^[[:space:]]*Include[[:space:]]+/etc/ssh/sshd_config\\.d/' /etc/ssh/sshd_config || sed -i '1i Include /etc/ssh/sshd_config.d/*.conf' /etc/ssh/sshd_config",
  '',
]

const managementKey = (setup: HostSetup): readonly string[] => {
  const line = managementKeyLine(setup)
  return [
    `# 4. How Gatehouse itself gets in as ${setup.user}: sftp only, from its own addresses.`,
    `home=$(getent passwd ${setup.user} | cut -d: -f6)`,
    `install -d -m 700 -o ${setup.user} "$home/.ssh"`,
    `grep -qF '${setup.managementLine}' "$home/.ssh/authorized_keys" 2> /dev/null || echo '${line}' >> "$home/.ssh/authorized_keys"`,
    `chown ${setup.user} "$home/.ssh/authorized_keys" && chmod 600 "$home/.ssh/authorized_keys"`,
    '',
  ]
}

const reload: readonly string[] = [
  '# Last: only a configuration that sshd accepts is put in force.',
  'sshd -t',
  'if [ -d /run/systemd/system ]; then systemctl reload ssh 2> /dev/null || systemctl reload sshd; else kill -HUP "$(cat /run/sshd.pid)"; fi',
  'echo "this host trusts Gatehouse now"',
]
