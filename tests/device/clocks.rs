//! Days that pass without a network, and clocks that do not agree.

use onetill_tests::device::day;

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_network_reaches_the_server_once_and_in_order() {
    let day = Box::pin(day::offline()).await.unwrap();
    assert_eq!((day.recorded, day.restarts), (75, 6));
    // Begun within the hour before the cut-off, the day and an hour sees two of them.
    assert!((1..=2).contains(&day.asked), "on the first start after each cut-off: {day:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_with_clocks_a_day_apart_are_in_one_shift() {
    Box::pin(day::two_clocks()).await.unwrap();
}
