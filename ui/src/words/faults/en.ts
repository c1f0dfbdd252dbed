// English words for what went wrong, by its code.

import type { Code } from "../../generated/Code";

/** What happened, what it means for the money, and what to do now. */
export type FaultWords = { title: string; meaning: string; action: string };

export const faults: Record<Code, FaultWords> = {
  UNREACHABLE: {
    title: "No connection",
    meaning: "Nothing was sent, so nothing was changed and no shift was started.",
    action: "Check the network cable or Wi-Fi of this computer, then try again.",
  },
  UNAVAILABLE: {
    title: "The server cannot answer right now",
    meaning: "What was already recorded is safe. Nothing is started twice.",
    action: "Wait a minute, then try again. If it stays like this, tell your manager.",
  },
  NO_ANSWER: {
    title: "The answer did not arrive",
    meaning: "The request may have been carried out. Trying again is safe: nothing is started twice.",
    action: "Check the network of this computer, then try again.",
  },
  NOT_SUPABASE: {
    title: "Something else answered",
    meaning: "A web page or another service answered instead of the Supabase project. Nothing was changed.",
    action: "On a shared Wi-Fi, open a browser and sign in to that network first. Otherwise check the project URL.",
  },
  WRONG_KEY: {
    title: "The project does not accept this key",
    meaning: "Without the right key this register cannot work. Nothing was changed.",
    action: "Copy the publishable key from the Supabase dashboard, Project Settings, API Keys, and enter it in the connection settings.",
  },
  SECRET_KEY: {
    title: "This is a secret key",
    meaning: "A secret key opens the whole database to anyone at this computer. It was not saved.",
    action:
      "Use the publishable key (it begins with sb_publishable_). If this secret key was ever saved on a register, replace it in the Supabase dashboard.",
  },
  BAD_URL: {
    title: "This is not a project address",
    meaning: "Nothing was saved and nothing was sent.",
    action: "Enter the project URL from the Supabase dashboard. It looks like https://your-project.supabase.co.",
  },
  BAD_CONFIG: {
    title: "The configuration file cannot be read",
    meaning: "This register does not know its project. No shift and no money is lost.",
    action: "Correct the file named in the details, or enter the connection here and save it again.",
  },
  WRONG_PASSWORD: {
    title: "E-mail and password do not match",
    meaning: "You are not signed in. Nothing was changed.",
    action: "Type both again and mind capital letters. Your manager can set a new password.",
  },
  EMAIL_NOT_CONFIRMED: {
    title: "This e-mail address is not confirmed yet",
    meaning: "You are not signed in. Nothing was changed.",
    action: "Open the confirmation e-mail and follow its link, then sign in again.",
  },
  TOO_MANY_ATTEMPTS: {
    title: "Too many attempts",
    meaning: "The server asks everyone in this shop to wait a little. Nothing was changed.",
    action: "Wait five minutes, then try once more.",
  },
  SIGNED_OUT: {
    title: "Your sign-in has ended",
    meaning: "What was recorded here is kept. The shift stays open on the server.",
    action: "Sign in again to go on.",
  },
  NOT_STAFF: {
    title: "You are not on the staff of a shop here",
    meaning: "The sign-in worked, but it gives no access to any register. Nothing was changed.",
    action: "Ask your manager to add you to the staff, or sign in with your other account.",
  },
  FORBIDDEN: {
    title: "Your role does not allow this",
    meaning: "Nothing was changed.",
    action: "Ask a manager to do it, or to change your role.",
  },
  FUNCTION_NOT_DEPLOYED: {
    title: "Atomic session function not deployed",
    meaning: "The database part of Onetill is missing in this project. No shift can be started, and no money is affected.",
    action:
      "For the installer: apply the migrations in the folder `supabase/migrations`, either with the Supabase CLI, `supabase db push`, or by pasting the files in their order into the SQL editor of the Supabase dashboard. Then try again.",
  },
  OLDER_SERVER: {
    title: "The database part of this project is an earlier one",
    meaning:
      "Shifts can be started and joined. Entries, counts, reports and the board need the current database part. Nothing was recorded.",
    action:
      "For the installer: apply the migrations in the folder `supabase/migrations` (`onetillctl deploy` does it). Until then, write it down as before.",
  },
  FUNCTION_AMBIGUOUS: {
    title: "There are several session functions",
    meaning: "The database cannot choose between them. No shift can be started, and no money is affected.",
    action:
      "For the installer: apply the migrations in `supabase/migrations` again, they leave exactly one `get_or_create_session`. Then try again.",
  },
  SERVER_MISCONFIGURED: {
    title: "The database part has an error",
    meaning: "The server could not finish the request. Nothing was changed.",
    action: "Tell your installer, with the details below. Applying the migrations in `supabase/migrations` again usually cures it.",
  },
  REGISTER_NOT_FOUND: {
    title: "This register does not exist for you",
    meaning: "No shift was started.",
    action: "Choose another register. If it should be there, ask your manager.",
  },
  REGISTER_RETIRED: {
    title: "This register is out of service",
    meaning: "No shift was started.",
    action: "Choose another register. A manager can put this one back into service.",
  },
  REGISTER_BUSY: {
    title: "Somebody is just opening or closing this register",
    meaning: "No second shift was started.",
    action: "Wait a few seconds, then try again.",
  },
  SCOPE_MISMATCH: {
    title: "This register belongs to another store",
    meaning: "No shift was started.",
    action: "Read the list of registers again and choose yours.",
  },
  USER_MISMATCH: {
    title: "Someone else is signed in",
    meaning: "The request was made in another person's name. No shift was started.",
    action: "Sign out, then sign in as yourself.",
  },
  BAD_OPENING_CASH: {
    title: "This opening cash cannot be right",
    meaning: "No shift was started.",
    action: "Enter an amount from 0 to 9,999,999.99 with at most two decimal places.",
  },
  KEY_REUSED: {
    title: "This was asked for something else before",
    meaning: "Nothing was done a second time, and nothing new was recorded.",
    action: "Look at the screen again and begin anew. If it comes back, tell support, with the details below.",
  },
  SESSION_NOT_FOUND: {
    title: "The server does not know this shift",
    meaning: "What was recorded here is kept.",
    action: "Choose the register again. If money is missing from a report, tell your manager.",
  },
  SESSION_OVER: {
    title: "This shift was already over",
    meaning: "The entry is not in the shift's books. It is kept here.",
    action: "Record it in the shift that runs now, or settle it with your manager.",
  },
  COUNT_IN_PROGRESS: {
    title: "Somebody is counting the drawer",
    meaning: "The entry waits on this computer. Nothing is lost.",
    action: "Wait until the count is finished or given up.",
  },
  COUNT_TAKEN_OVER: {
    title: "The count was taken over",
    meaning: "Somebody else counts this drawer now, or has given the count up. What was recorded is kept.",
    action: "Look at the notice on the register, then count again if the drawer is yours to count.",
  },
  BAD_COUNT: {
    title: "This count cannot be right",
    meaning: "Nothing was handed in, and what you typed is still here.",
    action: "Check each number. An empty drawer is counted as 0.",
  },
  REASON_REQUIRED: {
    title: "A reason is needed",
    meaning: "The shift is not closed yet. The count stands.",
    action: "Write in a few words why, then close again.",
  },
  APPROVAL_REQUIRED: {
    title: "A manager must approve the difference",
    meaning: "The shift is not closed yet. The count stands.",
    action: "Count once more, or ask a manager to sign in here and approve it.",
  },
  MANAGER_REQUIRED: {
    title: "Only a manager may do this",
    meaning: "Nothing was changed.",
    action: "Ask a manager to sign in here.",
  },
  OWNER_REQUIRED: {
    title: "Only the owner may do this",
    meaning: "Nothing was changed.",
    action: "The owner signs in and does it.",
  },
  BAD_CATALOGUE: {
    title: "This cannot be kept as it is",
    meaning: "Nothing was changed.",
    action: "Correct the field that the details below name, then save again.",
  },
  CODE_TAKEN: {
    title: "Another item has this code",
    meaning: "A code belongs to one item. Nothing was saved.",
    action: "Look for the code in the list to see whose it is, or take it out here.",
  },
  ITEM_CHANGED: {
    title: "Somebody else changed this item",
    meaning: "Nothing was saved, so nothing of theirs is lost.",
    action: "Look at the item as it is now, then save again.",
  },
  UNSENT_ENTRIES: {
    title: "Entries of this computer are not sent yet",
    meaning: "The shift stays open, and the entries are safe on this computer.",
    action: "Wait until they are sent, or ask a manager to let the close go on without them.",
  },
  SESSION_NOT_EMPTY: {
    title: "This shift has entries",
    meaning: "It was not cancelled, because money was recorded in it.",
    action: "Count and close it, or end it and count later.",
  },
  OVER_LIMIT: {
    title: "This amount is for a manager to record",
    meaning: "Nothing was recorded. The store limits what a cashier records alone.",
    action: "Ask a manager to sign in and record it.",
  },
  NOT_CLOSED: {
    title: "There is no Z report yet",
    meaning: "The shift is not closed, so its final report was not written.",
    action: "Close the shift first, or read its X report.",
  },
  BAD_MOVEMENT: {
    title: "This entry cannot be right",
    meaning: "Nothing was recorded in the shift.",
    action: "Check the amount, and whether the entry was taken back already.",
  },
  SELLING_OFF: {
    title: "Selling is switched off here",
    meaning: "Nothing was sold. Shifts, cash entries and counts work as before.",
    action: "The owner switches it on, in the shop’s selling rules. Some countries ask for a certified register; there it stays off.",
  },
  BAD_SALE: {
    title: "The server did not take this receipt",
    meaning: "It is not in the shift’s books. A finished sale is kept on this computer; of a refund no money is due yet.",
    action: "Show it to your manager, with the details below. Other sales go on.",
  },
  BAD_TENDER: {
    title: "The payment of this receipt does not add up",
    meaning: "The server did not take it. A finished sale is kept on this computer; of a refund no money is due yet.",
    action: "Show it to your manager, with the details below. Other sales go on.",
  },
  BAD_RECEIPT: {
    title: "The number of this receipt does not fit this register",
    meaning: "The server did not take it. It is kept on this computer.",
    action: "Show it to your manager or your installer, with the details below.",
  },
  SALE_NOT_FOUND: {
    title: "There is no such receipt",
    meaning: "Nothing was changed.",
    action: "Check the number on the paper. A receipt that was just made offline is found here once it is sent.",
  },
  ALREADY_VOIDED: {
    title: "This receipt was voided already",
    meaning: "Nothing more can come back of it, and nothing was recorded.",
    action: "Hand out no money. Look at the receipt once more.",
  },
  NOTHING_LEFT: {
    title: "Less is left to come back",
    meaning: "Part of this receipt came back before. Nothing was recorded.",
    action: "Hand out no money. Read the receipt again and choose from what is left.",
  },
  BAD_FIGURE: {
    title: "This number cannot be right",
    meaning: "The sale is as it was before.",
    action: "Check quantity, price and amount. A discount is never more than what it is taken from.",
  },
  CARD_NUMBER: {
    title: "This looks like the number of a payment card",
    meaning: "Card numbers are not kept here, so the text was not taken.",
    action: "Write it without the number.",
  },
  TEXT_TOO_LONG: {
    title: "This text is too long",
    meaning: "It was not taken, and the sale is as it was before.",
    action: "Say it in fewer words.",
  },
  NO_SUCH_LINE: {
    title: "That line is no longer there",
    meaning: "The sale is as it was before.",
    action: "Look at the sale again and choose another line.",
  },
  CART_EMPTY: {
    title: "There is nothing in this sale yet",
    meaning: "Nothing was recorded.",
    action: "Scan an item or type an amount first.",
  },
  BAD_SCAN: {
    title: "This is no code that can be read",
    meaning: "Nothing was added. A digit of it was misread, or it is no code of an item.",
    action: "Scan it again, or type the amount.",
  },
  UNKNOWN_ITEM: {
    title: "Not in the catalogue",
    meaning: "Nothing was added. The code is in the details below.",
    action: "Sell it by amount, and tell your manager.",
  },
  PRICE_NEEDED: {
    title: "This item needs a price",
    meaning: "It was not added.",
    action: "Type its price, then add it again.",
  },
  AGE_TO_CHECK: {
    title: "The customer’s age must be checked",
    meaning: "The sale is kept as it is, and is not paid yet.",
    action: "Look at the customer’s identity card and confirm the age, or take the item out.",
  },
  SALE_NEEDS_APPROVAL: {
    title: "A manager must approve this",
    meaning: "It is beyond what the shop lets a cashier do alone. Nothing was recorded.",
    action: "Ask a manager to sign in here and approve it, or change the sale.",
  },
  MONEY_TAKEN: {
    title: "Money was taken for this sale already",
    meaning: "The sale stays as it is while its money is in the drawer.",
    action: "Give the money back and take its payment out first, or finish the sale.",
  },
  PARKED_FULL: {
    title: "No more sales can be parked",
    meaning: "This sale stays on the screen.",
    action: "Finish a parked sale first, or throw one away.",
  },
  CANNOT_VOID: {
    title: "This receipt cannot be voided here",
    meaning: "Only a whole sale of this till and the running shift is voided. Nothing was recorded.",
    action: "Refund it instead.",
  },
  OUTCOME_UNKNOWN: {
    title: "The server’s answer is not known yet",
    meaning: "It may have recorded the refund.",
    action: "Do not hand out money yet. It is asked again until it answers.",
  },
  PRACTISING: {
    title: "This is practice",
    meaning: "Nothing was changed. Practice only sells: it has no shift, no drawer, no count and no board.",
    action: "End practice first (F10), then do it again.",
  },
  CLOCK_SKEW: {
    title: "A clock is wrong",
    meaning: "This computer and the server disagree about the time. Nothing was changed.",
    action: "Set date, time and time zone of this computer, then try again.",
  },
  SERVER_CLOCKS: {
    title: "The shop’s server disagrees with itself about the time",
    meaning:
      "One part of it calls what another has just issued expired, or not valid yet. Nothing was changed, and this computer is in order.",
    action: "There is nothing to do here: it is tried again by itself. If it stays, tell whoever looks after the server.",
  },
  STORE_FAILED: {
    title: "This computer cannot save",
    meaning: "Its disk is full, write-protected or damaged. Nothing that was not saved was sent.",
    action: "Free some disk space, then start Onetill again. Use another computer until then.",
  },
  KEYCHAIN_UNAVAILABLE: {
    title: "Sign-ins cannot be kept on this computer",
    meaning: "You can work, but must sign in again after each start. No money is affected.",
    action: "Unlock the system's keychain, or tell your installer.",
  },
  NOT_NOW: {
    title: "That was not possible just now",
    meaning: "Nothing happened.",
    action: "Look at the screen again, it may have changed.",
  },
  INTERNAL: {
    title: "Onetill made a mistake",
    meaning: "What was recorded is kept.",
    action: "Try again. If it comes back, tell support, with the details below.",
  },
};
