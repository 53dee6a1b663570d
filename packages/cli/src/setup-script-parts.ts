import type { HostSetup } from './ssh-host-setup-facts.ts'

// Lines of shell that scripts for hosts are made of. They stand on `$config`, `$drop_in`, `$sshd` and `stop`, which
// each script sets at its beginning.

/** Two lines of comment between which everything is ours. */
export interface Block {
  readonly begin: string
  readonly end: string
}

/** A block by its name in capitals. */
export const blockOf = (name: string): Block => ({
  begin: `# BEGIN ${name} (written by its setup script)`,
  end: `# END ${name}`,
})

/** What is written in another way than the rest: how a copy of it is made, and how it is put back. */
export interface OwnWay {
  readonly save: string
  readonly putBack: string
}

/** A copy of everything that is written, and its way back unless the script comes to its end. */
export const puttingBack = (written: readonly string[], own?: OwnWay): readonly string[] => [
  'saved=$(mktemp -d)',
  'finished=',
  'save() { # a copy under the number of its turn; what is not there yet is taken away again',
  '  number=$((number + 1))',
  '  printf "%s\\n" "$1" > "$saved/$number.path"',
  '  if [ -e "$1" ]; then cp -a "$1" "$saved/$number.copy"; fi',
  '}',
  'put_back() {',
  '  for entry in "$saved"/*.path; do',
  '    path=$(cat "$entry"); copy="${entry%.path}.copy"',
  '    if [ -e "$copy" ]; then cp -a "$copy" "$path.before"; fi',
  '    rm -rf "$path"',
  '    if [ -e "$path.before" ]; then mv "$path.before" "$path"; fi',
  '  done',
  ...(own === undefined ? [] : [`  ${own.putBack}`]),
  '}',
  'leave() {',
  '  if [ -z "$finished" ] && [ -e "$saved/1.path" ]; then',
  '    put_back',
  '    echo "gatehouse setup: nothing was changed: everything is as it was" >&2',
  '  fi',
  '  rm -rf "$saved"',
  '}',
  'trap leave EXIT',
  "trap 'exit 1' HUP INT TERM",
  'save_all() {',
  '  number=0',
  `  for path in ${written.join(' ')}; do save "$path"; done`,
  ...(own === undefined ? [] : [`  ${own.save}`]),
  '}',
]

/** `without_block FILE`: the file without what stands between the lines of a block. */
export const withoutBlock = ({ begin, end }: Block): readonly string[] => [
  'without_block() {',
  `  awk '$0 == "${begin}" { inside = 1 } !inside { print } $0 == "${end}" { inside = 0 }' "$1"`,
  '}',
]

/** `reload`: tells sshd to read its configuration again. */
export const reloading: readonly string[] = [
  'reload() {',
  '  if [ -d /run/systemd/system ]; then systemctl reload ssh 2> /dev/null || systemctl reload sshd',
  '  elif [ -s /run/sshd.pid ]; then kill -HUP "$(cat /run/sshd.pid)"',
  '  else echo "gatehouse setup: tell sshd to read its configuration again" >&2; fi',
  '}',
]

/**
 * What is in force now; `setting NAME [ACCOUNT]` says it of one name. `of ACCOUNT NAME` says what was in force when it
 * was first asked of the account: before anything is changed, sshd is asked once of each.
 */
export const presentConfiguration: readonly string[] = [
  '"$sshd" -t -f "$config" || stop "sshd does not take its present configuration: mend that first"',
  'effective() { "$sshd" -T -C "user=${1-root},host=localhost,addr=127.0.0.1" -f "$config" 2> /dev/null; }',
  'setting() { effective "${2-root}" | awk -v name="$1" \'$1 == name { print $2; exit }\'; }',
  'of() {',
  '  mkdir -p "$saved/of"',
  '  [ -f "$saved/of/$1" ] || effective "$1" > "$saved/of/$1" || true',
  '  awk -v name="$2" \'$1 == name { sub(/^[^ ]+ /, ""); print }\' "$saved/of/$1"',
  '}',
]

/**
 * The machine must have the key that is pinned, whose file is `$found` then: what Gatehouse gives out is for the host
 * with that key.
 */
export const pinnedKey = (setup: Pick<HostSetup, 'hostKey' | 'name' | 'fingerprint'>): readonly string[] => [
  '# the machine must have the key that is pinned: its certificates are bound to it',
  'found=',
  'for key in $(effective | awk \'$1 == "hostkey" { print $2 }\'); do',
  '  line=$(cat "$key.pub" 2> /dev/null || ssh-keygen -y -f "$key" 2> /dev/null || true)',
  `  case "$line" in '${setup.hostKey}'|'${setup.hostKey} '*) found=$key ;; esac`,
  'done',
  `[ -n "$found" ] || stop "this machine does not have the key that is pinned for ${setup.name}, ` +
    `${setup.fingerprint}. Is it another machine? After a reinstallation: gatehouse ssh-host repin ${setup.name}"`,
]

/** What sshd is to read: these lines, and what a command says behind them. */
export interface Lines {
  readonly lines: readonly string[]
  readonly command?: string
}

/** A file of its own where sshd reads such files already; else a block at the top, which every sshd understands. */
export const configuration = ({ lines, command = ':' }: Lines, { begin, end }: Block): readonly string[] => [
  'cat > "$saved/ours" <<\'CONFIG\'',
  ...lines,
  'CONFIG',
  `{ ${command}; } >> "$saved/ours"`,
  'without_block "$config" > "$saved/config"',
  'if grep -Eiq \'^[[:space:]]*Include[[:space:]]+"?/etc/ssh/sshd_config\\.d/\\*\\.conf\' "$saved/config"; then',
  '  mkdir -p "$(dirname "$drop_in")"',
  '  cat "$saved/ours" > "$drop_in"',
  '  cmp -s "$saved/config" "$config" || cat "$saved/config" > "$config"',
  'else',
  '  rm -f "$drop_in"',
  `  { echo '${begin}'; cat "$saved/ours"; echo '${end}'; cat "$saved/config"; } > "$saved/new"`,
  '  cat "$saved/new" > "$config"',
  'fi',
  '',
]
