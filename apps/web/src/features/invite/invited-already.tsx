import type { JSX } from 'solid-js'
import { MailOpen } from '../../generated/icons.tsx'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { Page } from '../../ui/page.tsx'

/** An invitation opened by somebody who is in: it is for another account, and stays untouched. */
export default function InvitedAlready(): JSX.Element {
  const session = useSession()
  return (
    <Page title="Invitation">
      <Empty
        title={`You are logged in as ${session.me()?.username ?? ''}`}
        icon={<MailOpen />}
        action={
          <Button look="primary" onClick={() => void session.logOut()}>
            Log out to accept it
          </Button>
        }
      >
        An invitation creates a separate account. Log out to accept it, or forward the link to the person it is for.
      </Empty>
    </Page>
  )
}
