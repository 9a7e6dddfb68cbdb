//! Before a practice is open: the first run, the recovery kit, the locked window.

words! {
    // First run
    WELCOME = "Your notes, on your devices, and nowhere else";
    WELCOME_MORE = "Everything is encrypted before it touches the disk. There is no account and no server.";
    START_NEW = "Start a new practice";
    START_NEW_MORE = "On this computer, with a passphrase of your own. Takes about two minutes.";
    START_JOIN = "Join my other device";
    START_JOIN_MORE = "Your practice is already on another computer. Have both at hand.";
    START_DEMO = "Look around";
    START_DEMO_MORE = "A practice of made-up people, thrown away when you close it";
    NEW_TITLE = "Choose a passphrase";
    NEW_MORE = "It opens your practice on this computer. Nobody can look it up or send it to you, so a recovery kit comes next.";
    PASSPHRASE = "Passphrase";
    PASSPHRASE_REPEATED = "The same again";
    PASSPHRASE_AGAIN_DIFFERS = "The two are not the same yet";
    PASSPHRASE_HINT = "Four or five words that do not belong together are easy to remember and hard to guess";
    STRENGTH_SHORT = "Too short: at least ten characters";
    STRENGTH_ZERO = "Guessed at once: it is on every list of common ones";
    STRENGTH_ONE = "Guessed within minutes: add words that have nothing to do with each other";
    STRENGTH_TWO = "Guessed by somebody determined: add a word";
    STRENGTH_THREE = "Good: guessing it would take years";
    STRENGTH_FOUR = "Strong: guessing it would take longer than anybody has";
    CREATE = "Create the practice";
    CREATING = "Creating your practice…";
    JOIN_TITLE = "Join my other device";
    JOIN_MORE = "On the other device, open Devices and choose Invite a device. Then type its eight words here, or paste its text.";
    JOIN_CODE = "The eight words, or the text";
    JOIN_NAME = "What to call this device";
    JOIN_PASSPHRASE_MORE = "This device gets a passphrase of its own. It may be the same as on the other one.";
    JOIN = "Join";
    JOIN_LOOKING = "Looking for the other device…";
    JOIN_ASKING = "Found. The other device now asks you whether this one may join";
    JOIN_RECEIVING = "Receiving your practice, newest first…";
    // Unlock
    UNLOCK_TITLE = "Locked";
    UNLOCK_FORGOTTEN = "Forgotten? The recovery kit opens the practice: the command subrosa recover asks for it and for a new passphrase";
    UNLOCK_DEMO = "This is the practice of made-up people. Its passphrase is: demo";
    UNLOCK = "Unlock";
    UNLOCKING = "Unlocking… this takes about a second on purpose, so that guessing takes for ever";
    STARTING = "One moment…";
    // Recovery kit
    KIT_TITLE = "Your recovery kit";
    KIT_MORE = "It opens your practice if you forget the passphrase. Print it, write it down, or save it to a stick; then put it where you keep papers that matter. It is shown only now.";
    KIT_LINE = "The recovery line. Its spaces do not matter";
    KIT_FILE = "Save the whole page as a file";
    KIT_FILE_HINT = "/media/stick/recovery-kit.txt";
    KIT_SAVE = "Save";
    KIT_SAVED = "Saved";
    KIT_SAME_DISK = "Saved, but on the disk that also holds the practice: if this computer is lost, so is the kit. Move it to a stick or print it";
    KIT_PROVE = "Type back";
    KIT_PROVE_MORE = "So that we know that you have it, not only saw it";
    KIT_PROVE_BUTTON = "That is it";
    KIT_MISTYPED = "That is not what the kit says. Nothing is lost; look at the line again";
    KIT_LATER_MORE = "Without the kit, a forgotten passphrase cannot be helped";
    KIT_AGAIN_MORE = "You put this off when the practice was new. Fetch the kit and type part of it back, so that you know that it is there and can be read";
    KIT_AGAIN_OVERDUE = "The seven days are over. Your notes are safe and unchanged; this comes first, because without a kit a forgotten passphrase cannot be helped";
    KIT_AGAIN_FIELD = "The last eight characters of the recovery line";
    KIT_LOST = "I no longer have it";
    KIT_LOST_MORE = "Without the kit a forgotten passphrase cannot be helped. Put the passphrase on paper where you keep what matters, and add a second device now. You will be asked again at the next unlock.";
    KIT_AGAIN_NOW = "Prove it now";
    KIT_AGAIN_DONE = "Proven. The kit agrees with this practice";
    // What if
    WHAT_IF_TITLE = "What if…";
    STOLEN = "…my laptop is stolen?";
    STOLEN_MORE = "A thief who finds it locked or switched off has a file that cannot be read without your passphrase. Your other devices hold everything.";
    FORGOTTEN = "…I forget the passphrase?";
    FORGOTTEN_MORE = "The recovery kit opens the practice and lets you choose a new one, with the command subrosa recover. Without the kit and the passphrase nobody can, and neither can we.";
    DEAD = "…the computer dies?";
    DEAD_MORE = "Whatever another device of yours holds is safe. With one device alone there is no second copy: add one soon.";
    DIE = "…I fall ill or die?";
    DIE_MORE = "Tell somebody you trust where the recovery kit lies, in writing, and what you want to happen with the notes";
    DIE_BUTTON = "Seal a record for a colleague";
    STOLEN_BUTTON = "See my devices";
    FORGOTTEN_BUTTON = "Change the passphrase";
    DEAD_BUTTON = "Add a device";
    TO_CLIENTS = "To my clients";
}
