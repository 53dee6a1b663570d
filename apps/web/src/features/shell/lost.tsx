import type { JSX } from 'solid-js'
import { Signpost } from '../../generated/icons.tsx'
import { LinkButton } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { Page } from '../../ui/page.tsx'

/** An address that leads nowhere. */
export default function Lost(): JSX.Element {
  return (
    <Page title="Page not found">
      <Empty
        title="There is no page at this address"
        icon={<Signpost />}
        action={
          <LinkButton href="/" look="primary">
            Go to overview
          </LinkButton>
        }
      >
        The link may be outdated or incomplete. Press Ctrl K to search for a page.
      </Empty>
    </Page>
  )
}
