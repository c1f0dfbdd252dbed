-- What the demo store of seed.sql sells: taxes, items, the keys of the register screen, and selling switched on at Market
-- Street. At Harbor it stays off. The local backend adds goods that are made up (tests/goods), two hundred in all. Loading
-- it again changes nothing.

update public.locations set country = 'US' where id = '0e711100-0000-4000-8000-0000000000b1' and country is null;

insert into public.pos_selling_rules (vendor_id, location_id, selling_on, prices_include_tax, cash_half,
    discount_percent_limit, refund_limit, void_limit, price_override, no_receipt_refund, other_tenders, receipt_header,
    receipt_footer, code_rules)
  values ('0e711100-0000-4000-8000-00000000000a', '0e711100-0000-4000-8000-0000000000b1', true, false, 'up', 10, 50, 50,
    false, true, array['Voucher', 'Bank transfer'], E'Corner & Quay\n12 Market Street, New York', 'Thank you!',
    '[{"prefix": "20", "item": 5, "value": "price", "digits": 5, "places": 2},
      {"prefix": "23", "item": 5, "value": "weight", "digits": 5, "places": 3}]')
on conflict do nothing;

-- New York: food that is taken home is free of sales tax, the rest is not.
insert into public.pos_taxes (vendor_id, location_id, code, name, components, valid_from) values
  ('0e711100-0000-4000-8000-00000000000a', null, 'SALES', 'Sales tax',
    '[{"name": "State", "rate": "0.04"}, {"name": "City", "rate": "0.045"}, {"name": "MCTD", "rate": "0.00375"}]',
    '2020-01-01')
on conflict do nothing;

insert into public.pos_items (id, vendor_id, name, unit, price, price_is_open, tax_code, category, age_limit, version)
  select ('0e711100-0000-4000-8000-00000000' || lpad(no::text, 4, '0'))::uuid, '0e711100-0000-4000-8000-00000000000a',
      name, unit, price, price is null, tax, category, age, 0
    from (values
      (1001, 'Groceries', null, null::numeric, null, 'Open price', null::smallint),
      (1002, 'Household', null, null, 'SALES', 'Open price', null),
      (1003, 'Coffee to go', null, 3.50, 'SALES', 'Drinks', null),
      (1004, 'Tea', null, 2.90, 'SALES', 'Drinks', null),
      (1005, 'Orange juice 0.3 l', null, 4.25, 'SALES', 'Drinks', null),
      (1006, 'Croissant', null, 2.75, 'SALES', 'Bakery', null),
      (1007, 'Sourdough loaf', null, 6.80, null, 'Bakery', null),
      (1008, 'Rye loaf', null, 5.90, null, 'Bakery', null),
      (1009, 'Bagel', null, 1.95, null, 'Bakery', null),
      (1010, 'Cinnamon roll', null, 3.60, 'SALES', 'Bakery', null),
      (1011, 'Apples', 'kg', 3.99, null, 'Produce', null),
      (1012, 'Bananas', 'kg', 1.89, null, 'Produce', null),
      (1013, 'Gruyère', 'kg', 32.90, null, 'Cheese', null),
      (1014, 'Farmhouse cheddar', 'kg', 24.50, null, 'Cheese', null),
      (1015, 'Eggs, six', null, 4.20, null, 'Dairy', null),
      (1016, 'Butter 250 g', null, 4.75, null, 'Dairy', null),
      (1017, 'Riesling 0.75 l', null, 16.90, 'SALES', 'Wine', 21),
      (1018, 'Pilsner 0.5 l', null, 3.20, 'SALES', 'Beer', 21),
      (1019, 'Linen tea towel', null, 12.00, 'SALES', 'Home', null),
      (1020, 'Beeswax candle', null, 9.50, 'SALES', 'Home', null),
      (1021, 'Postcard', null, 1.50, 'SALES', 'Home', null),
      (1022, 'Paper bag', null, 0.25, 'SALES', 'Home', null),
      (1023, 'Mountain ham', 'kg', 12.90, null, 'Deli', null),
      (1024, 'Käsespätzle mit Röstzwiebeln', 'kg', 18.40, 'SALES', 'Deli', null)
    ) as x(no, name, unit, price, tax, category, age)
on conflict do nothing;

insert into public.pos_item_codes (vendor_id, code, item_id, factor)
  select '0e711100-0000-4000-8000-00000000000a', code, ('0e711100-0000-4000-8000-00000000' || no)::uuid, factor
    from (values ('4006381333931', '1019', 1), ('5901234123457', '1020', 1), ('036000291452', '1017', 1),
      ('4012345678901', '1018', 1), ('4012345678918', '1018', 6), ('12345', '1023', 1), ('12346', '1014', 1), ('12347', '1013', 1), ('12348', '1024', 1)
    ) as x(code, no, factor)
on conflict do nothing;

-- At the harbor everything costs a little more; these are the ones that somebody looked at.
insert into public.pos_item_prices (item_id, location_id, vendor_id, price)
  select ('0e711100-0000-4000-8000-00000000' || no)::uuid, '0e711100-0000-4000-8000-0000000000b2',
      '0e711100-0000-4000-8000-00000000000a', price
    from (values ('1003', 3.90), ('1004', 3.20), ('1018', 3.80)) as x(no, price)
on conflict do nothing;

insert into public.pos_quick_keys (location_id, page, place, vendor_id, item_id, label, colour)
  select '0e711100-0000-4000-8000-0000000000b1', page, place, '0e711100-0000-4000-8000-00000000000a',
      ('0e711100-0000-4000-8000-00000000' || no)::uuid, label, colour
    from (values (1, 1, '1001', null, 'grey'), (1, 2, '1002', null, 'grey'), (1, 3, '1003', 'Coffee', 'brown'),
      (1, 4, '1004', null, 'brown'), (1, 5, '1005', 'Orange juice', 'orange'), (1, 6, '1006', null, 'yellow'),
      (1, 7, '1007', 'Sourdough', 'yellow'), (1, 8, '1008', 'Rye', 'yellow'), (1, 9, '1009', null, 'yellow'),
      (1, 10, '1010', null, 'yellow'), (1, 11, '1011', null, 'green'), (1, 12, '1012', null, 'green'),
      (1, 13, '1013', null, 'blue'), (1, 14, '1014', 'Cheddar', 'blue'), (1, 15, '1015', 'Eggs', 'blue'),
      (1, 16, '1016', 'Butter', 'blue'), (1, 17, '1018', 'Pilsner', 'red'), (1, 18, '1017', 'Riesling', 'red'),
      (1, 20, '1022', null, null), (2, 1, '1019', 'Tea towel', 'violet'), (2, 2, '1020', 'Candle', 'violet'),
      (2, 3, '1021', null, 'violet'), (3, 1, '1023', 'Ham', 'red'), (3, 2, '1024', 'Käsespätzle', 'yellow')
    ) as x(page, place, no, label, colour)
on conflict do nothing;
