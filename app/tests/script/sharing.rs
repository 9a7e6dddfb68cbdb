//! What leaves a script and comes into it: records for colleagues, exports and imports.

use subrosa::features::colleagues::messages::ColleaguesEffect;
use subrosa::features::exchange::messages::{ExchangeEffect, ExchangeEvent};
use subrosa::features::exchange::values::ImportReport;
use subrosa::messages::Event;
use subrosa::values::job::Job;

use super::Scripted;
use super::cast::colleagues;

impl Scripted {
    pub(super) fn colleagues(&mut self, effect: ColleaguesEffect) -> Vec<Event> {
        match effect {
            ColleaguesEffect::Load | ColleaguesEffect::Add { .. } | ColleaguesEffect::WordsAgree(_) => {
                vec![colleagues()]
            }
            ColleaguesEffect::Seal(_) => {
                self.sealed += 1;
                vec![Event::Written(Job::Seal)]
            }
            ColleaguesEffect::MakeCard { .. } => vec![Event::Written(Job::Colleagues)],
            _ => Vec::new(),
        }
    }

    pub(super) fn exchange(&mut self, effect: ExchangeEffect) -> Vec<Event> {
        match effect {
            ExchangeEffect::Export { private, .. } => {
                self.exported.push(private.is_some());
                vec![Event::Written(Job::Export)]
            }
            ExchangeEffect::Import { dry_run, .. } => {
                vec![Event::Exchange(ExchangeEvent::Imported(Box::new(ImportReport {
                    dry_run,
                    clients: 200,
                    notes: 6_000,
                    measures: 1_200,
                    unchanged: 0,
                    not_understood: vec!["notes/c0007/0012.md: no client has this code".into()],
                })))]
            }
            _ => Vec::new(),
        }
    }
}
