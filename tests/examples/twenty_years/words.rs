//! Text as it might stand in notes: common words as often as they are, rarer ones made of syllables, in sentences and paragraphs.
//! DEFLATE takes a note of it to about half, as it does with English.

use subrosa_tests::dice::Dice;

/// The most common words, in this order.
const COMMON: &str = "the and to of a in that she he was it her his with for on about is not has when as had be this but from they \
    at said by have after more who will so an if we what which one would their there been less than felt still also time \
    all out could up no how week last mother home work session sleep feels them because before talked then some into \
    first again thinks night day over father did does while were very little partner only other back can see come made \
    wants letter afraid calm tired anger school child began next years good much too morning alone words together often \
    between asked told new want room days without body told quiet went able even same own always since never down";
const SYLLABLES: &str = "an ber cal de den der dis el en er est fa fer ga gen hal im in is ka ken la le len li lo ma men mi mo na \
    ne no nu on or pa pe po ra re ri ro sa se si so sta ta te ten ti to tra tu un va ve vi vo wa we win";
/// Words that are made of syllables.
const RARER: usize = 2_600;

/// The words of a practice, most common first.
pub(crate) struct Vocabulary {
    words: Vec<String>,
    /// For each word how often it and those before it come up.
    weights: Vec<u64>,
}

impl Vocabulary {
    /// The same words each time.
    pub(crate) fn new() -> Self {
        let mut dice = Dice::new(0x0076_6F63_6162);
        let syllables: Vec<&str> = SYLLABLES.split_whitespace().collect();
        let mut words: Vec<String> = COMMON.split_whitespace().map(str::to_owned).collect();
        for _ in 0..RARER {
            let parts = 2 + dice.roll(3);
            words.push((0..parts).map(|_| *dice.pick(&syllables).expect("there are syllables")).collect());
        }
        let mut sum = 0;
        let weights = (0..words.len())
            .map(|rank| {
                sum += 1_000_000 / (u64::try_from(rank).expect("a rank is small") + 5);
                sum
            })
            .collect();
        Self { words, weights }
    }

    /// A text of about so many bytes, none fewer.
    pub(crate) fn text(&self, bytes: usize, dice: &mut Dice) -> String {
        let mut text = String::with_capacity(bytes + 80);
        while text.len() < bytes {
            self.add_sentence(&mut text, dice);
            text.push_str(if dice.happens(20) { "\n\n" } else { " " });
        }
        text.truncate(text.trim_end().len());
        text
    }

    fn add_sentence(&self, text: &mut String, dice: &mut Dice) {
        let words = 5 + dice.roll(14);
        for place in 0..words {
            let word = self.word(dice);
            match place {
                0 => text.extend(word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1))),
                _ => text.push_str(word),
            }
            let comma = dice.happens(8) && place + 2 < words;
            text.push_str(if place + 1 == words {
                "."
            } else if comma {
                ", "
            } else {
                " "
            });
        }
    }

    /// One word, the more likely the more common it is.
    pub(crate) fn word(&self, dice: &mut Dice) -> &str {
        let all = self.weights.last().copied().unwrap_or(1);
        let thrown = dice.bits() % all;
        let rank = self.weights.partition_point(|upto| *upto <= thrown);
        self.words.get(rank).map_or("", String::as_str)
    }
}
