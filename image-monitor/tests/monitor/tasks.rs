//! Events for tasks to wait for.

use std::time::Duration;

use futures_util::StreamExt;
use image_monitor::{Event, ExitCause, ImageMonitor, MonitorOptions, NoticeStream};
use tokio::time::timeout;

use crate::fake::Fake;
use crate::{LONG, eventually};

fn streaming() -> (ImageMonitor, NoticeStream) {
    ImageMonitor::stream(MonitorOptions::new()).unwrap()
}

async fn next(notices: &mut NoticeStream) -> image_monitor::Notice {
    timeout(LONG, notices.next()).await.unwrap().unwrap()
}

/// Waits for what the agent says where tasks may go on meanwhile.
async fn ask(mut fake: Fake, command: &'static str) -> (Fake, String) {
    let asking = tokio::task::spawn_blocking(move || {
        let answer = fake.ask(command);
        (fake, answer)
    });
    asking.await.unwrap()
}

#[tokio::test]
async fn the_process_waits_until_the_task_answers() {
    let (monitor, mut notices) = streaming();
    let fake = Fake::start(&[&monitor]).hello();
    let (fake, said) = ask(fake, "load 1 65536").await;
    assert_eq!(said, "sent");
    let notice = next(&mut notices).await;
    assert_eq!(notice.event().images().len(), 1);
    let (fake, said) = ask(fake, "wait 50").await;
    assert_eq!(said, "nothing");
    // Not kept for the next message, nor answered before the task has come to it.
    let (answered, (fake, said)) = tokio::join!(
        async {
            tokio::task::yield_now().await;
            notice.answer()
        },
        ask(fake, "wait 60000")
    );
    assert!(matches!(answered, Event::Load(_)));
    assert_eq!(said, "reply 1");
    // A future that is dropped loses nothing.
    assert!(
        timeout(Duration::from_millis(1), notices.receive())
            .await
            .is_err()
    );
    let (fake, _) = ask(fake, "main 2").await;
    assert_eq!(notices.receive().await.unwrap().event(), &Event::Main);
    let (fake, said) = ask(fake, "wait 60000").await;
    assert_eq!(said, "reply 2");
    fake.child.kill().unwrap();
    assert_eq!(
        next(&mut notices).await.answer(),
        Event::Exit(ExitCause::Ended)
    );
    assert!(notices.try_receive().is_none());
    drop(monitor);
    assert!(timeout(LONG, notices.next()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_stream_that_is_dropped_answers_what_is_in_it_and_what_comes() {
    let (monitor, notices) = streaming();
    let fake = Fake::start(&[&monitor]).hello();
    let (mut fake, said) = ask(fake, "load 1 65536").await;
    assert_eq!(said, "sent");
    eventually("it is in the stream", || {
        monitor.images().present().len() == 1
    });
    drop(notices);
    assert_eq!(fake.ask("wait 60000"), "reply 1");
    fake.exchange("load 2 131072", 2);
}
