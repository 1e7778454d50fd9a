//! A tag that was new when the operation set it goes again, by itself: never with what it is on.

use super::{Answer, Ended, ErrorKind, Event, Look, Outcome, Phase, Run, Stop, answer, clean, ended, look};

impl Run<'_> {
    pub(super) async fn remove(&mut self, at: usize) -> Ended {
        let (backend, repo) = (&*self.restore.backend, &self.restore.prospect.repo);
        let step = &self.steps[at];
        let (Some(tag), digest) = (step.tag.clone(), step.digest.clone()) else {
            return ended(Outcome::Failed, "it has no tag");
        };
        if let Err(why) = self.record.sending(at, Vec::new()).await {
            self.stopped.get_or_insert(Stop::Journal(why.clone()));
            return Ended::because(Outcome::Failed, why);
        }
        let mut tried = 0;
        let answer = loop {
            self.tell(Event::Item { at, phase: Phase::Checking }).await;
            match look::tag(backend, repo, &tag).await {
                Look::At(now) if now == digest => {}
                Look::At(now) => return ended(Outcome::Changed, &format!("{tag} points at {} by now", now.short())),
                Look::Missing => return Ended::done(),
                Look::Failed(error) => {
                    self.judge(&error);
                    return Ended::because(Outcome::Failed, error.what);
                }
            }
            self.tell(Event::Item { at, phase: Phase::Sending }).await;
            match answer::of(backend.delete_tag(repo, &tag).await) {
                Answer::No(error) if error.kind == ErrorKind::RateLimited => {
                    let Some(wait) = answer::pause(&error, tried) else { break Answer::No(error) };
                    tried += 1;
                    if let Err(stopped) = self.wait(at, wait, error.what).await {
                        return stopped;
                    }
                }
                answer => break answer,
            }
        };
        let said = match answer {
            Answer::No(error) => {
                self.judge(&error);
                let instead = "; a plan can delete it, with what it is on or by a placeholder";
                let more = if error.kind == ErrorKind::Unsupported { instead } else { "" };
                return Ended::because(Outcome::Refused, clean::line(&format!("{}{more}", error.what)));
            }
            Answer::Open(error) => {
                self.judge(&error);
                format!("{}; ", error.what)
            }
            Answer::Accepted | Answer::NotThere | Answer::Left => String::new(),
        };
        self.tell(Event::Item { at, phase: Phase::Verifying }).await;
        match look::tag(backend, repo, &tag).await {
            Look::Missing => Ended::done(),
            Look::At(now) if now == digest => ended(Outcome::Failed, &format!("{said}it is still there")),
            Look::At(now) => ended(Outcome::Changed, &format!("{said}it points at {} now", now.short())),
            Look::Failed(error) => {
                ended(Outcome::Unknown, &format!("{said}whether it is gone could not be seen: {}", error.what))
            }
        }
    }
}
