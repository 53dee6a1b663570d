// Readers of the formats in which the audit log is exported, written from the formats' own documents and sharing
// nothing with the writers.

/** RFC 4180: records of quoted and plain fields. Throws on what it does not allow. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = []
  let [record, at]: [string[], number] = [[], 0]
  while (at < text.length) {
    let field = ''
    if (text[at] === '"') {
      at += 1
      for (;;) {
        const end = text.indexOf('"', at)
        if (end < 0) throw new SyntaxError('a quote is not closed')
        field += text.slice(at, end)
        at = end + 1
        if (text[at] !== '"') break
        field += '"'
        at += 1
      }
    } else {
      const [plain = ''] = /^[^",\r\n]*/.exec(text.slice(at)) ?? []
      field = plain
      at += plain.length
    }
    record.push(field)
    if (text[at] === ',') {
      at += 1
      continue
    }
    if (text[at] === '\r') at += 1
    if (text[at] !== '\n') throw new SyntaxError(`a record ends with ${JSON.stringify(text[at])}`)
    at += 1
    records.push(record)
    record = []
  }
  return records
}

export interface CefEvent {
  readonly head: readonly string[]
  readonly extension: Readonly<Record<string, string>>
}

/** ArcSight's Common Event Format: seven fields between bars, then `key=value` with blanks between. */
export function parseCef(line: string): CefEvent {
  const head: string[] = []
  let [field, at] = ['', 0]
  for (; at < line.length && head.length < 7; at += 1) {
    if (line[at] === '\\') {
      at += 1
      if (line[at] !== '|' && line[at] !== '\\') throw new SyntaxError('an escape that the head does not have')
      field += line[at] ?? ''
    } else if (line[at] === '|') {
      head.push(field)
      field = ''
    } else field += line[at] ?? ''
  }
  if (head.length < 7 || !/^CEF:\d+$/.test(head[0] ?? '')) throw new SyntaxError('the head has too few fields')
  const rest = line.slice(at)
  // a key stands at the beginning or behind a blank, and its equals sign is not escaped
  const keys = [...rest.matchAll(/(?:^| )([A-Za-z0-9_]+)=/g)]
  const extension: Record<string, string> = {}
  for (const [index, key] of keys.entries()) {
    const end = keys[index + 1]?.index ?? rest.length
    extension[key[1] ?? ''] = unescapeCef(rest.slice(key.index + key[0].length, end))
  }
  return { head, extension }
}

const unescapeCef = (text: string): string =>
  text.replaceAll(/\\(.)/gs, (_, character: string) => {
    const meant = ({ n: '\n', r: '\r', '\\': '\\', '=': '=' } as Record<string, string | undefined>)[character]
    if (meant === undefined) throw new SyntaxError(`an escape that the extension does not have: \\${character}`)
    return meant
  })

export interface SyslogMessage {
  readonly facility: number
  readonly severity: number
  readonly timestamp: string
  readonly host: string
  readonly app: string
  readonly procid: string
  readonly msgid: string
  readonly data: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly message: string
}

/** RFC 5424 §6, by its grammar. */
export function parseSyslog(line: string): SyslogMessage {
  const printable = '[\\u0021-\\u007e]'
  const head = new RegExp(
    `^<(\\d{1,3})>1 (-|\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,6})?(?:Z|[+-]\\d\\d:\\d\\d)) ` +
      `(${printable}{1,255}) (${printable}{1,48}) (${printable}{1,128}) (${printable}{1,32}) `,
  ).exec(line)
  if (head === null) throw new SyntaxError('the head is none of RFC 5424')
  const priority = Number(head[1])
  if (priority > 191) throw new SyntaxError('no such priority')
  let at = head[0].length
  const data: Record<string, Record<string, string>> = {}
  if (line[at] === '-') at += 1
  else
    while (line[at] === '[') {
      const element = /^\[([^\s=\]"]{1,32})/.exec(line.slice(at))
      if (element === null) throw new SyntaxError('an element without a name')
      at += element[0].length
      const parameters: Record<string, string> = {}
      for (;;) {
        const one = /^ ([^\s=\]"]{1,32})="((?:[^"\\\]]|\\.)*)"/s.exec(line.slice(at))
        if (one === null) break
        parameters[one[1] ?? ''] = (one[2] ?? '').replaceAll(/\\(["\\\]])/g, '$1')
        at += one[0].length
      }
      if (line[at] !== ']') throw new SyntaxError('an element that is not closed')
      at += 1
      data[element[1] ?? ''] = parameters
    }
  const text = line.slice(at)
  if (text !== '' && !text.startsWith(' ')) throw new SyntaxError('a message without a blank before it')
  return {
    facility: Math.floor(priority / 8),
    severity: priority % 8,
    timestamp: head[2] ?? '',
    host: head[3] ?? '',
    app: head[4] ?? '',
    procid: head[5] ?? '',
    msgid: head[6] ?? '',
    data,
    message: text.slice(1).replace(/^\ufeff/, ''),
  }
}
