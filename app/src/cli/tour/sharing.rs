//! One client's record, sealed for a colleague and opened in the colleague's own practice.

use std::fs;

use subrosa_core::export::ProcessNotes;
use subrosa_core::secret::Passphrase;
use subrosa_core::share::Standing;
use subrosa_core::vault::Share;

use super::stage::{SENTENCE, TourStage, gives_away};
use super::{Wrong, hold};
use crate::operations::sealed_record;
use crate::practice;

const THERAPIST: &str = "Made-up Therapist";
const COLLEAGUE: &str = "Made-up Colleague";
/// How every age file begins.
const AGE: &[u8] = b"age-encryption.org/v1\n";

pub(super) fn seal(stage: &mut TourStage) -> Result<(), Wrong> {
    let passphrase = Passphrase::new("another practice, another passphrase".to_owned());
    let colleague = practice::create(&stage.colleague_file(), &passphrase, "Desk", stage.profile)?.vault;
    let card = colleague.exchange().card(COLLEAGUE, practice::today())?;
    stage.colleague = Some(colleague);
    let (client, file) = (stage.client()?, stage.sealed_file());
    let desk = stage.desk()?;
    let share = Share {
        client,
        notes: Vec::new(),
        to: desk.exchange_mut().add_colleague(card.as_bytes(), practice::now())?,
        purpose: "Cover during a holiday".to_owned(),
        basis: "Consent".to_owned(),
        consent: "Asked at the last session".to_owned(),
        until: None,
        process: ProcessNotes::LeaveOut,
        files: true,
        today: practice::today(),
    };
    sealed_record::seal(desk, (&share, THERAPIST), &file, &mut |_| {}, &|| false)?;
    Ok(())
}

pub(super) fn sealed(stage: &mut TourStage) -> Result<String, Wrong> {
    let file = fs::read(stage.sealed_file())?;
    hold(file.starts_with(AGE), "the file is no age file")?;
    hold(!gives_away(&file), "the file can be read on its way")?;
    let client = stage.client()?;
    let entered = stage.desk()?.exchange().disclosures(&client)?;
    hold(entered.iter().any(|entry| entry.to == COLLEAGUE && entry.notes == 1), "it was not entered in the record")?;
    Ok("the file is unreadable on its way, and what was handed out stands in the client's record".to_owned())
}

pub(super) fn hand_over(stage: &mut TourStage) -> Result<(), Wrong> {
    fs::copy(stage.sealed_file(), stage.received_file())?;
    let card = stage.desk()?.exchange().card(THERAPIST, practice::today())?;
    stage.colleague()?.exchange_mut().add_colleague(card.as_bytes(), practice::now())?;
    Ok(())
}

pub(super) fn opened(stage: &mut TourStage) -> Result<String, Wrong> {
    let mut file = fs::read(stage.received_file())?;
    let colleague = stage.colleague()?;
    let record = colleague.exchange().open_record(&file)?;
    hold(record.standing == Standing::Colleague, "the sender was not recognised")?;
    let page = record.files.iter().find(|file| file.name == "record.md");
    let says = page.is_some_and(|page| String::from_utf8_lossy(&page.bytes).contains(SENTENCE));
    hold(says, "the record does not say what was written")?;
    if let Some(last) = file.last_mut() {
        *last ^= 1;
    }
    hold(colleague.exchange().open_record(&file).is_err(), "an edited file opened")?;
    let sealed = fs::read(stage.sealed_file())?;
    hold(stage.desk()?.exchange().open_record(&sealed).is_err(), "somebody else could open it")?;
    Ok("the colleague reads every letter, the signature fits, and an edited file stays closed".to_owned())
}
