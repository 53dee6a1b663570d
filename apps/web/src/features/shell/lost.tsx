import Signpost from 'lucide-solid/icons/signpost'
import type { JSX } from 'solid-js'
import { LinkButton } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { Page } from '../../ui/page.tsx'

/** An address that leads nowhere. */
export default function Lost(): JSX.Element {
  return (
    <Page title="No such page">
      <Empty
        title="This address leads nowhere"
        icon={<Signpost />}
        action={
          <LinkButton href="/" look="primary">
            To the overview
          </LinkButton>
        }
      >
        The link may be old, or a letter is missing. Ctrl K finds every place by name.
      </Empty>
    </Page>
  )
}
