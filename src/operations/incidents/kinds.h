// Kinds of timeline entries. Stored, and read by the post-mortem; never change one.
#pragma once

namespace vigia::incidents::kinds {

inline constexpr char kOpened[] = "opened";
inline constexpr char kAlertFired[] = "alert_fired";
inline constexpr char kAlertCleared[] = "alert_cleared";
inline constexpr char kMuted[] = "muted";      // all its alerts are silenced or inhibited
inline constexpr char kUnmuted[] = "unmuted";  // and no more
inline constexpr char kAcknowledged[] = "acknowledged";
inline constexpr char kAcknowledgeLate[] = "acknowledge_late";
inline constexpr char kNote[] = "note";
inline constexpr char kAssigned[] = "assigned";
inline constexpr char kSeverity[] = "severity";
inline constexpr char kResolved[] = "resolved";
inline constexpr char kRunCreated[] = "run_created";
inline constexpr char kRunState[] = "run_state";        // text: the new state and why
inline constexpr char kGuard[] = "guard";               // a guard refused or made the run wait
inline constexpr char kApproval[] = "approval";         // asked, given, refused, timed out
inline constexpr char kStepIntent[] = "step_intent";    // ref: step path; evidence: {command, try}
inline constexpr char kStepOutcome[] = "step_outcome";  // ref: step path; evidence: {state, seconds, exit, out}
inline constexpr char kVerify[] = "verify";             // passed, failed, inconclusive
inline constexpr char kEscalated[] = "escalated";       // handed to people; text: why
inline constexpr char kPage[] = "page";                 // ref: message id; evidence: {person, channel, level}
inline constexpr char kReceipt[] = "receipt";           // a message was delivered, or given up
inline constexpr char kPostmortem[] = "postmortem";     // ref: the file
inline constexpr char kOperator[] = "operator";         // restart of the control plane, clock jump, full disk

}  // namespace vigia::incidents::kinds
