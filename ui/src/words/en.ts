// English, and the shape that every other language must fill: `Words` is this object's type.

import type { CheckName } from "../generated/CheckName";
import type { Lack } from "../generated/Lack";
import type { Code } from "../generated/Code";
import type { Role } from "../generated/Role";
import { board } from "./board/en";
import { closing } from "./closing/en";
import { movements } from "./movements/en";
import { paper } from "./paper/en";
import report from "./report/en.json";
import { update } from "./update/en";

/** What happened, what it means for the money, and what to do now. */
export type FaultWords = { title: string; meaning: string; action: string };

const faults: Record<Code, FaultWords> = {
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
    action: "Use the publishable key (it begins with sb_publishable_). If this secret key was ever saved on a register, replace it in the Supabase dashboard.",
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
    meaning: "Shifts can be started and joined. Entries, counts, reports and the board need the current database part. Nothing was recorded.",
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
    title: "This start belongs to another register",
    meaning: "No shift was started here.",
    action: "Choose the register again and start the shift once more.",
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
  CLOCK_SKEW: {
    title: "A clock is wrong",
    meaning: "This computer and the server disagree about the time. Nothing was changed.",
    action: "Set date, time and time zone of this computer, then try again.",
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

/** What a project lacks that a till can work without, and what to do about any of it. */
const lacks: Record<Lack, { title: string; meaning: string }> & { action: string } = {
  "current-part": {
    title: "Earlier database part",
    meaning:
      "Shifts can be started and joined. But this project does not tell which of the two happened, does not know a repeated press by its key, and has no entries, counts, reports or board.",
  },
  guard: {
    title: "Anybody may open shifts",
    meaning: "Whoever has the publishable key can call get_or_create_session, without signing in.",
  },
  action: "For the installer: apply the migrations in the folder `supabase/migrations` (`onetillctl deploy` does it).",
};

const checks: Record<CheckName, { title: string; passed: string }> = {
  settings: { title: "Address and key are well formed", passed: "Both look right." },
  reach: { title: "The project answers", passed: "Supabase answers at this address." },
  key: { title: "The key is accepted", passed: "The project knows this key." },
  function: { title: "The session function is deployed", passed: "Shifts can be started." },
};

const roles: Record<Role, string> = { cashier: "Cashier", manager: "Manager", owner: "Owner" };

export const en = {
  /** The language's own name, for the switch. */
  name: "English",
  faults,
  checks,
  lacks,
  roles,
  general: {
    appName: "Onetill",
    starting: "Starting Onetill…",
    working: "One moment…",
    cancel: "Cancel",
    close: "Close",
    details: "Details for support",
    errorCode: (p: { code: string }) => `Code ${p.code}`,
    unknownPerson: "someone unknown",
    setAside: {
      title: "This computer’s own file was damaged or not readable",
      kept: "It was kept under another name, and a new file was started. Shifts on the server are not touched.",
      allFound: (p: { count: number }) =>
        p.count === 0
          ? "Nothing was waiting in it to be sent. No money is missing."
          : p.count === 1
            ? "1 entry that was not sent was found in it. It is back in the list and will be sent once."
            : `${p.count} entries that were not sent were found in it. They are back in the list and will be sent once each.`,
      partFound: (p: { count: number }) =>
        p.count === 0
          ? "Its list of unsent entries cannot be read: pay-ins and pay-outs that were not sent yet may be in that file only."
          : `Its list of unsent entries cannot be read to the end. ${p.count} found and back in the list; more may be in that file only.`,
      action: "Tell support, and do not delete this file:",
      read: "I have told support",
    },
    clock: {
      slow: (p: { time: string }) => `This computer’s clock is ${p.time} slow`,
      fast: (p: { time: string }) => `This computer’s clock is ${p.time} fast`,
      action: "The shift is not affected: the server’s time counts. Set date and time of this computer, so that what it shows is right.",
    },
    noBridge: {
      title: "Onetill runs in its own window",
      action: "Start it from the programs of this computer; this page alone cannot reach a register.",
    },
    trouble: {
      title: "This window had a problem",
      meaning: "Recorded money and open shifts are not affected: they are kept outside this window.",
      action: "Load the window again. If it comes back, tell support, with the details below.",
      reload: "Load again",
    },
  },
  header: {
    signOut: "Sign out",
    lock: "Lock",
    signedInAs: (p: { name: string }) => `Signed in as ${p.name}`,
    settings: "Display and language",
  },
  lock: {
    title: "This till is locked",
    calm: "What was recorded is kept. Nothing is shown until somebody unlocks it.",
    since: (p: { when: string }) => `Since ${p.when}`,
    shiftRuns: "The shift goes on.",
    countWaits: "The drawer is being counted here. What was typed is kept.",
    unsent: (p: { n: number }) => (p.n === 1 ? "1 entry waits to be sent." : `${p.n} entries wait to be sent.`),
    offline: "No connection. Whoever locked the till can unlock it; colleagues can once it is back.",
    needPassword: "Type your password.",
    unlock: "Unlock",
    checking: "Checking the password…",
    others: "Somebody else",
    somebody: "Sign in as somebody else",
    wrong: {
      title: (p: { name: string }) => `This is not the password of ${p.name}`,
      meaning: "The till stays locked.",
      action: "Type it again and mind capital letters.",
    },
    silent: {
      title: "The password cannot be checked right now",
      meaning: "The server is not heard. The shift goes on, and nothing is lost.",
      action: (p: { name: string }) => `Without the server only ${p.name}, who locked the till, can unlock it. Check the network of this computer.`,
      nobody: "Nobody was signed in here, so the server is needed. Check the network of this computer.",
    },
  },
  leaving: {
    shiftTitle: "The shift is still open",
    unsentTitle: "One moment: entries are not sent yet",
    shiftStays: "If you close Onetill now, the shift stays open: the register is not free and its drawer is not counted. The shift is back here when Onetill is started again.",
    countStays: "The drawer is being counted here. What was typed is kept, and other devices record nothing until the count is finished or given up.",
    unsent: (p: { n: number }) =>
      p.n === 1
        ? "1 entry waits on this computer. It is sent when Onetill runs again with a connection, not before."
        : `${p.n} entries wait on this computer. They are sent when Onetill runs again with a connection, not before.`,
    toEnd: "To end the shift, go back, then count and close it.",
    stay: "Go back",
    quit: "Close Onetill",
  },
  settings: {
    title: "Display and language",
    window: "Window",
    inWindow: "In a window",
    fullScreen: "Fill the screen",
    fullScreenKey: "Key:",
    language: "Language",
    likeSystem: "Like the system",
    asSetUp: (p: { language: string }) => `As set up (${p.language})`,
    appearance: "Appearance",
    light: "Light",
    dark: "Dark",
    contrast: "High contrast",
    textSize: "Text size",
    managed: {
      title: "Set by your administrator",
      hint: "Only your administrator can change these.",
      names: {
        "supabase.url": "Project URL",
        "supabase.key": "Publishable key",
        printer: "Receipt printer",
        locale: "Language",
        autostart: "Starts at log-in",
        updates: "Looks for newer versions",
        screen: "Locks after",
      },
      none: "none",
      notShown: "set, not shown",
      yes: "yes",
      no: "no",
    },
    help: "Help",
    diagnosticsHint: "For support: versions, the state of this computer and what happened in the last days. No password, key or amount is in it.",
    saveDiagnostics: "Save diagnostics",
    diagnosticsSaved: "Saved. Send this file to support:",
    done: "Done",
  },
  setup: {
    title: "Connect this computer",
    intro: "Onetill works with your shop's Supabase project. Both values are in the Supabase dashboard, under Project Settings.",
    url: "Project URL",
    urlHint: "Like https://your-project.supabase.co",
    key: "Publishable key",
    keyHint: "Begins with sb_publishable_. Never a secret key.",
    test: "Test connection",
    save: "Save and continue",
    testing: "Testing the connection…",
    checksTitle: "Connection test",
    notMade: "Not tested yet",
    skipped: "Not tested: an earlier check failed",
    passed: "Passed",
    failed: "Failed",
    allPassed: "Everything works.",
    someFailed: "The connection test found a problem.",
    managed: "Set by your administrator. It cannot be changed here.",
    savedIn: (p: { path: string }) => `Saved in ${p.path}`,
  },
  signIn: {
    title: "Sign in",
    intro: (p: { server: string }) => `Project ${p.server}`,
    email: "E-mail",
    password: "Password",
    show: "Show password",
    submit: "Sign in",
    signingIn: "Signing in…",
    resuming: "Resuming your sign-in…",
    needBoth: "Enter e-mail and password.",
    notKept: "This computer has no keychain: you will sign in again after each start.",
    connection: "Connection settings",
    demoTitle: "Demo store: sign in with one tap",
  },
  choose: {
    title: "Which register is this?",
    location: "Store",
    reload: "Read again",
    loading: "Reading the registers…",
    empty: "This store has no registers yet.",
    emptyAction: "A manager or the installer adds them; then read the list again.",
    notRead: "The list of registers could not be read.",
    find: "Find a register",
    noneFound: "No register matches.",
    free: "Free",
    open: "Open",
    retired: "Out of service",
    openBy: (p: { name: string }) => `by ${p.name}`,
    since: (p: { when: string }) => `since ${p.when}`,
    float: (p: { amount: string }) => `float ${p.amount}`,
  },
  start: {
    openingCash: "Opening cash in the drawer",
    reads: "Counts as",
    start: "Start shift",
    join: "Join shift",
    joinOf: (p: { day: string }) => `Join the shift of ${p.day}`,
    askAgain: "Ask again",
    starting: "Starting the shift…",
    stopWaiting: "Stop waiting",
    another: "Choose another register",
    openTitle: "This register has an open shift. You will join it.",
    openLine: (p: { name: string; when: string; amount: string }) =>
      `Opened by ${p.name}, ${p.when}, with a float of ${p.amount}.`,
    earlierTitle: (p: { day: string }) => `The open shift is from ${p.day}`,
    earlierLine: "It was not closed that day. Join it only if you want to work on in that shift.",
    unansweredTitle: "An earlier start has no answer yet",
    unansweredLine:
      "Asking again repeats that same start, with the opening cash entered then. It never starts a second shift.",
    keypad: "Keypad",
    byAmount: "Amount",
    byCount: "Notes and coins",
    entry: "How to enter it",
    countTitle: "How many of each",
    counted: "Counted",
    howMany: (p: { value: string }) => `Number of ${p.value}`,
    backspace: "Delete the last digit",
    clear: "Clear",
    problems: {
      empty: "Enter the opening cash. An empty drawer is 0.",
      "not-a-number": "This is not an amount. Use digits only, such as 150 or 150.00.",
      negative: "The opening cash cannot be below zero.",
      "too-precise": "Too many decimal places.",
      "too-large": "This is more than a drawer can hold.",
    },
    ambiguous: (p: { text: string }) => `“${p.text}” can be read in more than one way. Which amount do you mean?`,
  },
  earlier: {
    title: (p: { day: string }) => `This shift is from ${p.day}`,
    today: (p: { day: string }) => `Today is ${p.day}.`,
    line: "It was never closed. Everything you do now counts for that earlier day.",
    goOn: "Go on with this shift",
    leave: "Leave this shift",
    leaveHint: "If you leave, the shift stays open for others. A manager can end it and count it later.",
  },
  register: {
    shift: "Shift",
    register: "Register",
    opener: "Opened by",
    you: "you",
    openSince: "Open since",
    running: (p: { time: string }) => `for ${p.time}`,
    float: "Float at the start",
    own: "You counted",
    expected: "Expected cash",
    totals: "So far in this shift",
    sales: "Sales",
    count: "Transactions",
    cash: "Cash",
    card: "Card",
    outcome: {
      created: "Shift started",
      joined: "Joined existing session",
      replayed: "Shift is open",
      unknown: "Shift is open",
    },
    outcomeLine: {
      created: (p: { name: string; when: string; amount: string }) => `You opened this shift with a float of ${p.amount}.`,
      joined: (p: { name: string; when: string; amount: string }) =>
        `Shift of ${p.name}, open since ${p.when}, with a float of ${p.amount}.`,
      replayed: (p: { name: string; when: string; amount: string }) =>
        `Opened by ${p.name}, ${p.when}, with a float of ${p.amount}.`,
      unknown: (p: { name: string; when: string; amount: string }) =>
        `Opened by ${p.name}, ${p.when}, with a float of ${p.amount}.`,
    },
    joinedOwn: (p: { own: string; float: string }) =>
      `You counted ${p.own}, the float is ${p.float}. Kept as a spot count.`,
    connection: "Connection",
    confirmed: "Connected",
    confirmedAge: (p: { age: string }) => `Confirmed by the server ${p.age}`,
    checking: "Checking",
    checkingAge: (p: { when: string }) => `Last confirmed ${p.when}`,
    offline: "Offline",
    offlineSince: (p: { when: string; time: string }) => `Since ${p.when}, for ${p.time}`,
    offlineHint: "This shift stays open. Onetill asks again by itself.",
    leave: "Leave this shift",
    leaveTitle: "Leave this shift?",
    leaveLine: "Only this computer leaves. The shift stays open for others and keeps its money.",
    leaveYes: "Leave the shift",
    leaveNo: "Stay",
    signInTitle: "Your sign-in has ended",
    signInLine: "The shift stays open. Sign in again so that it can be confirmed.",
    signInAgain: "Sign in again",
  },
  movements,
  closing,
  board,
  paper,
  report,
  update,
  fenced: {
    title: "This shift is over",
    gone: "The server no longer knows this shift",
    ended: (p: { name: string }) => `${p.name} ended it`,
    closed: (p: { name: string }) => `${p.name} closed it`,
    cancelled: (p: { name: string }) => `${p.name} cancelled it`,
    on: (p: { when: string }) => `on ${p.when}`,
    calm: "Nothing that was recorded here is lost.",
    ok: "Continue",
  },
  when: {
    justNow: "just now",
    minutesAgo: (p: { n: number }) => `${p.n} min ago`,
    hoursAgo: (p: { n: number }) => `${p.n} h ago`,
    minutes: (p: { n: number }) => `${p.n} min`,
    hoursMinutes: (p: { h: number; m: number }) => `${p.h} h ${p.m} min`,
    daysHours: (p: { d: number; h: number }) => (p.d === 1 ? `1 day ${p.h} h` : `${p.d} days ${p.h} h`),
  },
  announce: {
    unlocked: "Unlocked.",
    checking: "Checking the shift with the server.",
    confirmed: "Connected. The server confirmed the shift.",
    offline: "Offline. The shift stays open.",
  },
};

export type Words = typeof en;
