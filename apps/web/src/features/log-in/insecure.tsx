import type { JSX } from 'solid-js'
import { CopyBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { Title } from '../../ui/title.tsx'
import { Brand } from './brand.tsx'
import './log-in.css'

const defaultPort = '80'

const tunnelOf = ({ hostname, port }: Pick<Location, 'hostname' | 'port'>): string =>
  `ssh -L 8420:localhost:${port === '' ? defaultPort : port} ${hostname.replaceAll(/[[\]]/g, '')}`

/**
 * For plain http at another address than localhost: browsers keep the session's cookies and keys to https there, so a
 * log-in could only go round in circles. Says so at once, with both ways out.
 */
export function Insecure(): JSX.Element {
  return (
    <main class="log-in">
      <Title of="Secure connection required" />
      <div class="log-in-card log-in-card-wide">
        <Brand />
        <h1>Secure connection required</h1>
        <Note tone="warn" title="You cannot log in over plain http at this address.">
          Browsers allow log-in only over https or at localhost.
        </Note>
        <section class="stack-tight">
          <h2>Serve Gatehouse over https</h2>
          <p class="muted">
            Set a certificate and its key in the configuration file and restart, or use a reverse proxy that serves
            https.
          </p>
          <CopyBlock
            text={'[tls]\ncertificate = "/etc/gatehouse/tls.crt"\nkey = "/etc/gatehouse/tls.key"'}
            what="TLS settings"
          />
        </section>
        <section class="stack-tight">
          <h2>Or open a tunnel to localhost</h2>
          <p class="muted">Run this on your own machine, then open http://localhost:8420.</p>
          <CopyBlock text={tunnelOf(window.location)} what="tunnel command" />
        </section>
      </div>
    </main>
  )
}
