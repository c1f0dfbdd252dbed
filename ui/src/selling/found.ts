// The names by which the input line and the list of what was found know each other.

export const foundList = "found-items";
export const foundItem = (place: number): string => `${foundList}-${place}`;
