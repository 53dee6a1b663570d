import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { GeneratedFile } from './generated-file.ts'

/** The pictures of Lucide that the web application shows. */
const names = [
  'badge-check',
  'bell',
  'bell-off',
  'bell-ring',
  'book-lock',
  'bookmark',
  'bot',
  'boxes',
  'check',
  'chevron-down',
  'chevron-up',
  'circle',
  'circle-alert',
  'circle-check',
  'circle-dashed',
  'circle-question-mark',
  'circle-slash',
  'clipboard-check',
  'clock',
  'copy',
  'database',
  'download',
  'external-link',
  'eye',
  'eye-off',
  'file-badge',
  'file-down',
  'file-pen',
  'fingerprint-pattern',
  'flame',
  'flask-conical',
  'folder-up',
  'gauge',
  'gavel',
  'handshake',
  'key-round',
  'key-square',
  'layers',
  'life-buoy',
  'lock',
  'lock-keyhole',
  'log-out',
  'mail-check',
  'mail-open',
  'mail-plus',
  'megaphone',
  'menu',
  'minus',
  'monitor-check',
  'monitor-smartphone',
  'pause',
  'pencil',
  'package-open',
  'plus',
  'printer',
  'radio',
  'refresh-cw',
  'rotate-ccw-clock',
  'rotate-cw',
  'scale',
  'scroll-text',
  'search',
  'send',
  'server',
  'settings',
  'share-2',
  'shield-alert',
  'shield-check',
  'shield-question-mark',
  'signpost',
  'siren',
  'smartphone',
  'sun-moon',
  'table-2',
  'ticket',
  'timer',
  'timer-off',
  'triangle-alert',
  'upload',
  'usb',
  'user-plus',
  'user-round',
  'users',
  'users-round',
  'vault',
  'wifi-off',
  'x',
] as const

/** How each is drawn. It stands on the whole picture, where a style can say otherwise, and not on its lines. */
const pen = ' fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round" stroke-width="2"'

const frame = {
  xmlns: 'http://www.w3.org/2000/svg',
  width: 24,
  height: 24,
  viewBox: '0 0 24 24',
  fill: 'none',
  stroke: 'currentColor',
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
  'stroke-width': 2,
}

interface IconSet {
  readonly icons: Readonly<Record<string, { readonly body: string }>>
}

/** Components of the pictures, from the one file that holds them all: the package of components is 13,500 files. */
export function iconsFile(): GeneratedFile {
  const path = fileURLToPath(import.meta.resolve('@iconify-json/lucide/icons.json'))
  const { icons } = JSON.parse(readFileSync(path, 'utf8')) as IconSet // as the package documents it
  const components = names.map((name) => {
    const icon = icons[name]
    if (icon === undefined) throw new TypeError(`Lucide has no picture ${name}`)
    const lines = [`export const ${componentOf(name)} = (props: Props) => (`, '  <svg {...frame} {...props}>']
    return [...lines, `    ${icon.body.replaceAll(pen, '')}`, '  </svg>', ')'].join('\n')
  })
  const head = [
    '// Generated from the icons of Lucide (ISC licence) by `npm run generate`. Do not edit: a check compares it.',
    "import type { JSX } from 'solid-js'",
    'type Props = JSX.SvgSVGAttributes<SVGSVGElement>',
    `const frame = ${JSON.stringify(frame)} as const`,
  ]
  return { path: 'apps/web/src/generated/icons.tsx', text: `${[...head, ...components].join('\n\n')}\n` }
}

const componentOf = (name: string): string =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
