//! What each tag of the document is about.

/// A tag's description, for people who read the document. Empty for a tag that is not known here.
pub(super) fn description(tag: &str) -> &'static str {
    match tag {
        "Alerts" => "What a person should look at: refused credentials, empty accounts, late messages.",
        "API keys" => "How programs sign in. The secret is shown once.",
        "Auth" => "Registering, signing in, sessions and one's own profile.",
        "Contacts" => "People that messages go to. A phone number belongs to one contact of an organization.",
        "Conversations" => "What people wrote, with what they got, and replies to it.",
        "Dashboard" => "The organization at a glance, and what was sent in a period. Exact sums.",
        "Deliveries" => "The log: one recipient's copy of a message each, with attempts and receipts.",
        "Domains" => "Domains that e-mail is sent from, and the records that they need in DNS.",
        "Groups" => "Named sets of contacts.",
        "Imports" => "Spreadsheets of any size that become contacts: preview, fix, commit.",
        "Media" => "Files that go with messages, and links to them that expire.",
        "Messages" => "One content to one audience on one channel at one time: now, later or as a draft.",
        "Organization" => "The organization of the token, and its settings.",
        "Providers" => "Accounts at companies that deliver, how they are configured and how they are doing.",
        "Routing" => "Which provider sends what, and what that costs.",
        "Sandbox" => "What the sandbox provider would have sent.",
        "Service" => "The deployment itself.",
        "Suppressions" => "Addresses that get no messages, and why. Checked at plan and again at claim.",
        "Templates" => "Texts with variables, to be sent again and again.",
        "Users" => "The people of an organization and their roles.",
        "Webhook endpoints" => "Where your programs are told what happened, signed as Standard Webhooks.",
        "WhatsApp templates" => "Templates that WhatsApp approves, of provider configs, and what fills them.",
        "Webhooks" => "Where providers report what became of texts.",
        _ => "",
    }
}
