import { createMemo, type JSX } from 'solid-js'
import { encode } from 'uqr'

/**
 * One path of unit squares. Drawn here and not by the server, so the secret never becomes a picture that something may
 * cache.
 */
function pathOf(text: string): { path: string; size: number } {
  const { data, size } = encode(text, { ecc: 'M', border: 2 })
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
  return { path, size }
}

/** A QR code. */
export function QrCode(props: { text: string; label: string }): JSX.Element {
  const drawn = createMemo(() => pathOf(props.text))
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${drawn().size} ${drawn().size}`}
      role="img"
      aria-label={props.label}
      shape-rendering="crispEdges"
    >
      <path d={drawn().path} />
    </svg>
  )
}
