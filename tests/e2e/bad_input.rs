//! What people get wrong, and what stands in the way. Each has its own sentence and says what to
//! do; none leaves the window blank.
